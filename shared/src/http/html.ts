/** The common HTML of generated pages, and the headers of every page. */

/** Scripts and styles must be files of this service, never inline. */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export interface Page {
  title: string;
  /** The links to all pages; see bar.ts. */
  bar: string;
  /** The content at the right end of the bar. */
  end?: string;
  /** The content below the bar. */
  content: string;
  /** More elements of the head. */
  head?: string;
  /** Class of the body. */
  look?: string;
}

/** A page with the look of all pages. Everything except the title is HTML. */
export const pageOf = ({ title, bar, end = '', content, head = '', look = '' }: Page) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rideflow: ${escapeHtml(title)}</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
${head}</head>
<body class="${look}">
<header class="top"><h1>rideflow</h1>${bar}${end}</header>
${content}
</body>
</html>
`;
