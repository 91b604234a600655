/** Light or dark: as the reader's system, until the reader chooses here. */
import { effect, signal } from '@preact/signals';
import { keep, kept } from './storage.ts';

type Theme = 'light' | 'dark';
const system = matchMedia('(prefers-color-scheme: dark)');
const systemTheme = signal<Theme>(system.matches ? 'dark' : 'light');
system.addEventListener('change', ({ matches }) => {
  systemTheme.value = matches ? 'dark' : 'light';
});

const before = kept('theme');
const chosen = signal<Theme | null>(before === 'light' || before === 'dark' ? before : null);

/** What is shown. */
export const theme = signal<Theme>('light');

effect(() => {
  theme.value = chosen.value ?? systemTheme.value;
  document.documentElement.dataset.theme = theme.value;
});

/** The other one; what the system says anyway need not be remembered. */
export function toggleTheme(): void {
  const other: Theme = theme.value === 'dark' ? 'light' : 'dark';
  chosen.value = other === systemTheme.value ? null : other;
  keep('theme', chosen.value);
}
