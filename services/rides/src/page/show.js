/** Shows a ride's path, its outcome, and the newest rides. All text is set as text, never as HTML. */

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
/** `, driver_4 in 12 min`; empty without a driver. */
const driver = ({ alloted_driver: name, pickup_minutes }) =>
  name ? `, ${name} in ${pickup_minutes} min` : '';
const short = (id) => (id.length > 12 ? `…${id.slice(-8)}` : id);

const outcomes = {
  requested: 'waiting for a decision',
  confirmed: 'confirmed',
  rejected: 'rejected',
  expired: 'expired without a decision',
};
const markOf = { requested: 'awaited', confirmed: '', rejected: 'rejected', expired: 'refused' };

/** Replaces the content only when it says something else, so that a screen reader hears each thing once. */
function say(element, ...children) {
  const next = el('div', {}, ...children);
  if (element.innerHTML !== next.innerHTML) element.replaceChildren(...next.childNodes);
}

/**
 * @param took milliseconds until the response, if this page booked the ride
 * @param late whether the decision takes unusually long
 */
export function showRide(ride, took, links, late = false) {
  byId('none').hidden = true;
  const { status } = ride;
  const summary = {
    requested: [strong('Requested.'), ' Kafka has stored the ride. It is waiting for a decision.'],
    confirmed: [strong('Confirmed.'), ` ${ride.alloted_driver} arrives in ${ride.pickup_minutes} min.`],
    rejected: [strong('Rejected.'), ` ${ride.reason ?? 'No reason was given.'}`],
    expired: [
      strong('Expired.'),
      ' Kafka has deleted the request, and there is no decision. Book again if you still need the ride.',
    ],
  }[status];
  const hint =
    late && status === 'requested'
      ? [
          el(
            'p',
            { class: 'soft' },
            'Kafka keeps the ride until the transaction service decides it. Is that service running? A tok_flaky payment also takes a while.',
          ),
        ]
      : [];
  const tone = { requested: late ? 'warn' : '', confirmed: 'ok', rejected: '', expired: 'bad' }[status];
  say(byId('outcome'), el('div', { class: `notice ${tone}` }, ...summary, ...hint));

  const steps = [
    step(
      '0 ms',
      '',
      strong('requested'),
      ` by ${ride.customer_id}`,
      soft(
        took === undefined
          ? atTime(ride.requested_at)
          : `this browser received 202 after ${took} ms; the other times are from the clocks of the servers`,
      ),
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
            ? 'deleted by Kafka since then'
            : `key ${ride.customer_id}; on all in-sync replicas`,
        ),
      ),
    );
  } else {
    steps.push(
      step(
        '',
        'awaited',
        strong('stored'),
        soft('the request is older than the messages that this service has read'),
      ),
    );
  }
  if (ride.decided) {
    const after = Date.parse(ride.decided_at) - Date.parse(ride.requested_at);
    const money = ride.payment_status === 'paid' ? 'paid' : 'payment declined';
    steps.push(
      step(
        duration(after),
        markOf[status],
        strong(`decided: ${status} `),
        place(ride.decided),
        soft(`${money}${driver(ride)}; committed, so consumers can read it`),
      ),
      step(
        '',
        'awaited',
        'email and analytics read it next; this page does not follow them',
        soft(
          'email notifies ',
          ride.customer_email,
          ': ',
          el('a', { href: `${links.mailbox}?ride=${encodeURIComponent(ride.id)}` }, 'open the mail'),
        ),
        soft('analytics counts it: ', el('a', { href: links.statistics }, 'open the statistics')),
      ),
    );
  } else if (status !== 'expired') {
    steps.push(
      step('', 'awaited', strong('decided'), soft('by the transaction service, usually within milliseconds')),
    );
  }
  const path = `rides/${encodeURIComponent(ride.id)}`;
  say(
    byId('links'),
    'Ride ',
    el('code', {}, ride.id),
    ': ',
    el('a', { href: links.flow + path }, 'open on the flow page'),
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
        el('p', { class: 'soft' }, 'A retry sends the same Idempotency-Key, so it cannot book twice.'),
        el('button', { type: 'button', onclick: again }, 'Try again'),
      ]
    : [];
  showProblem(problem, ...more);
  const answer = `response ${problem.status} instead of 202`;
  say(
    byId('way'),
    step('', '', strong('requested')),
    step('', 'refused', strong('not accepted'), soft(answer)),
  );
}

export function showRides(rides, chosen) {
  byId('empty').hidden = rides.length > 0;
  const rows = rides.map((ride) =>
    el(
      'tr',
      ride.id === chosen ? { class: 'chosen' } : {},
      el('td', {}, el('a', { href: `#${encodeURIComponent(ride.id)}`, title: ride.id }, short(ride.id))),
      el('td', {}, ride.customer_id),
      el('td', {}, mark(markOf[ride.status]), outcomes[ride.status], driver(ride)),
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
const duration = (ms) => (ms < 1000 ? `+${ms} ms` : `+${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`);
