/** The links to all pages. The process that serves this one puts their addresses into its head. */
import type { PageLink } from '../../../../../shared/src/http/bar.ts';

const said = document.querySelector<HTMLMetaElement>('meta[name="pages"]')?.content ?? '';
// Without that process, as the development server is, there is nowhere to lead to.
const links: PageLink[] = said.startsWith('[') ? JSON.parse(said) : [];

export const Bar = () => (
  <nav class="pages" aria-label="Pages of rideflow">
    {links.map(({ name, href }) => (
      <a key={name} href={href} {...(name === 'Flow' && { 'aria-current': 'page' })}>
        {name}
      </a>
    ))}
  </nav>
);
