/** Shows a ride's way, its outcome, and the newest rides. All text is set as text, never as HTML. */

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; texts become text nodes. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') element.addEventListener('click', value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const place = (at) => el('code', {}, `${at.topic}/${at.partition}/${at.offset}`);
const mark = (kind) => el('span', { class: `mark ${kind}`, 'aria-hidden': 'true' });
const step = (time, kind, ...what) => el('li', {}, el('time', {}, time), mark(kind), el('div', {}, ...what));
const soft = (...children) => el('div', { class: 'soft' }, ...children);
const strong = (text) => el('b', {}, text);
const short = (id) => (id.length > 12 ? `…${id.slice(-8)}` : id);

const outcomes = {
  requested: 'waits for its decision',
  confirmed: 'confirmed',
  rejected: 'rejected',
  expired: 'expired before it was decided',
};
const markOf = { requested: 'awaited', confirmed: '', rejected: 'rejected', expired: 'refused' };

/** Replaces the content only when it says something else, so that a screen reader hears each thing once. */
function say(element, ...children) {
  const next = el('div', {}, ...children);
  if (element.innerHTML !== next.innerHTML) element.replaceChildren(...next.childNodes);
}

/**
 * @param took milliseconds that the answer to the booking took, where it was booked here
 * @param late whether it has been waiting for so long that somebody should look
 */
export function showRide(ride, took, links, late = false) {
  byId('none').hidden = true;
  const { status } = ride;
  const summary = {
    requested: [strong('Asked.'), ' Kafka has the ride; it waits for its decision.'],
    confirmed: [strong('Confirmed.'), ` ${ride.alloted_driver} will be there in ${ride.pickup_minutes} min.`],
    rejected: [strong('Rejected.'), ` ${ride.reason ?? 'No reason was given.'}`],
    expired: [
      strong('Expired.'),
      ' Kafka no longer keeps the request, and no decision was seen. Book again if it is still wanted.',
    ],
  }[status];
  const hint =
    late && status === 'requested'
      ? [
          el(
            'p',
            { class: 'soft' },
            'It is safe in Kafka and will be decided as soon as the transaction service gets to it. Is that service running? A tok_flaky payment takes a while, too.',
          ),
        ]
      : [];
  const tone = { requested: late ? 'warn' : '', confirmed: 'ok', rejected: '', expired: 'bad' }[status];
  say(byId('outcome'), el('div', { class: `notice ${tone}` }, ...summary, ...hint));

  const steps = [
    step(
      '0 ms',
      '',
      strong('asked'),
      ` by ${ride.customer_id}`,
      soft(took === undefined ? atTime(ride.requested_at) : `answered 202 after ${took} ms`),
    ),
  ];
  if (ride.stored) {
    steps.push(
      step(
        '',
        '',
        strong('stored '),
        place(ride.stored),
        soft(
          status === 'expired'
            ? 'Kafka has deleted it since'
            : `key ${ride.customer_id}; every replica in sync has it`,
        ),
      ),
    );
  } else {
    steps.push(
      step('', 'awaited', strong('stored'), soft('the request is older than what this service has read')),
    );
  }
  if (ride.decided) {
    const after = Date.parse(ride.decided_at) - Date.parse(ride.requested_at);
    const money = ride.payment_status === 'paid' ? 'paid' : 'payment declined';
    const who = ride.alloted_driver ? `, ${ride.alloted_driver} in ${ride.pickup_time}` : '';
    steps.push(
      step(
        duration(after),
        markOf[status],
        strong(`decided: ${status} `),
        place(ride.decided),
        soft(`${money}${who}; committed, so that its readers may see it`),
      ),
      step(
        '',
        '',
        strong('on its way to two readers'),
        soft(
          'email tells ',
          ride.customer_email,
          ': ',
          el('a', { href: `${links.mailbox}?ride=${encodeURIComponent(ride.id)}` }, 'see the mail'),
        ),
        soft('analytics counts it: ', el('a', { href: links.statistics }, 'see the statistics')),
      ),
    );
  } else if (status !== 'expired') {
    steps.push(step('', 'awaited', strong('decided'), soft('by the transaction service, a moment later')));
  }
  const path = `rides/${encodeURIComponent(ride.id)}`;
  say(
    byId('links'),
    'Ride ',
    el('code', {}, ride.id),
    ': ',
    el('a', { href: links.flow + path }, 'see it on the flow page'),
    ', ',
    el('a', { href: `/${path}` }, 'as JSON'),
  );
  byId('links').hidden = false;
  say(byId('way'), ...steps);
}

/** A ride that cannot be shown. */
export function showProblem(problem, ...more) {
  byId('none').hidden = true;
  byId('outcome').replaceChildren(
    el('div', { class: 'notice bad' }, strong(`${problem.title}.`), el('p', {}, problem.detail), ...more),
  );
  byId('links').hidden = true;
  byId('way').replaceChildren();
}

/**
 * A ride that was not booked.
 * @param again books the same ride again, where that may help
 */
export function showRefusal(problem, again) {
  const more = again
    ? [
        el('p', { class: 'soft' }, 'Trying again sends the same Idempotency-Key: it cannot book twice.'),
        el('button', { type: 'button', onclick: again }, 'Try again'),
      ]
    : [];
  showProblem(problem, ...more);
  const answer = `answered ${problem.status} instead of 202`;
  say(byId('way'), step('', '', strong('asked')), step('', 'refused', strong('not accepted'), soft(answer)));
}

export function showRides(rides, chosen) {
  byId('empty').hidden = rides.length > 0;
  const rows = rides.map((ride) =>
    el(
      'tr',
      ride.id === chosen ? { class: 'chosen' } : {},
      el('td', {}, el('a', { href: `#${encodeURIComponent(ride.id)}`, title: ride.id }, short(ride.id))),
      el('td', {}, ride.customer_id),
      el(
        'td',
        {},
        mark(markOf[ride.status]),
        outcomes[ride.status],
        ride.alloted_driver ? `, ${ride.alloted_driver} in ${ride.pickup_minutes} min` : '',
      ),
      el('td', {}, ride.stored ? place(ride.stored) : ''),
      el('td', {}, ride.decided ? place(ride.decided) : ''),
    ),
  );
  // Left alone when nothing is new: a link that is being pressed, or has the focus, must not be taken away.
  const body = byId('rides');
  const focused = document.activeElement?.closest('#rides')
    ? document.activeElement.getAttribute('href')
    : null;
  say(body, ...rows);
  if (focused) [...body.querySelectorAll('a')].find((a) => a.getAttribute('href') === focused)?.focus();
}

/** @param ready whether the service says that it can work */
export function showState(ready, { waiting, detail }) {
  const state = byId('state');
  state.className = `dot ${ready ? 'ok' : 'warn'}`;
  const text = ready ? 'ready' : (waiting?.join(', ') ?? detail ?? 'not ready');
  if (state.textContent !== text) state.textContent = text;
}

const atTime = (text) =>
  `at ${new Date(text).toLocaleTimeString()} on ${new Date(text).toLocaleDateString()}`;
const duration = (ms) => (ms < 10_000 ? `+${ms} ms` : `+${Math.round(ms / 1000)} s`);
