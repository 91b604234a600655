/** Light or dark: as the reader's system, until the reader chooses here. */
import { effect, signal } from '@preact/signals';

type Theme = 'light' | 'dark';
const system = matchMedia('(prefers-color-scheme: dark)');
const systemTheme = signal<Theme>(system.matches ? 'dark' : 'light');
system.addEventListener('change', ({ matches }) => {
  systemTheme.value = matches ? 'dark' : 'light';
});

const read = (): Theme | null => {
  const kept = storage()?.getItem('theme');
  return kept === 'light' || kept === 'dark' ? kept : null;
};
const chosen = signal<Theme | null>(read());

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
  if (chosen.value) storage()?.setItem('theme', chosen.value);
  else storage()?.removeItem('theme');
}

/** null where the browser keeps nothing for this page. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
