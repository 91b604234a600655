/** The links between the pages about the interfaces. */
const pages = { '/docs': 'HTTP', '/docs/messages': 'Kafka messages', '/problems': 'Problems' };

/** @param here the page that they stand on */
export const tabs = (here: keyof typeof pages) =>
  `<nav class="pages end" aria-label="Interfaces">${Object.entries(pages)
    .map(([path, name]) => `<a href="${path}"${path === here ? ' aria-current="page"' : ''}>${name}</a>`)
    .join('')}</nav>`;
