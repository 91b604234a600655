// Renews the board. What did not change stays, so a reader's place and selection stay too.
const every = 3000;

async function renew() {
  try {
    const text = await (await fetch('/', { cache: 'no-store' })).text();
    const next = new DOMParser().parseFromString(text, 'text/html').getElementById('board');
    const now = document.getElementById('board');
    if (next && now && next.innerHTML !== now.innerHTML) now.replaceWith(next);
  } catch {
    // The board has ended, or the network is away for a moment.
  }
}

setInterval(renew, every);
