/** The board as a page. */
import { escapeHtml, pageOf } from '@rideflow/shared/http/html.ts';
import type { Lab } from '../engine/lab.ts';
import type { Class, Student } from './class.ts';

/** @param now milliseconds since 1970 */
export function boardPage(members: Class, labs: Lab[], addresses: string[], now: number): string {
  const { students } = members;
  return pageOf({
    title: 'labs',
    bar: '<nav class="pages" aria-label="Pages of the labs"><a href="/" aria-current="page">Labs</a></nav>',
    head: '<link rel="stylesheet" href="/board.css">\n<script src="/board.js" defer></script>\n',
    content: `<main id="board">
${students.length === 0 ? nobody(addresses) : `${sum(students)}\n${table(students, labs, now)}\n${failures(members, labs)}\n${how(addresses)}`}
</main>`,
  });
}

const command = (address: string) =>
  `<code>npm run lab -- start 1 --report ${escapeHtml(address)} --name NAME</code>`;

const nobody = (addresses: string[]) => `<section class="panel empty">
<h2>Nobody yet</h2>
<p>Students appear here when they start a lab with this address. They choose a name. Only the name and the results are sent.</p>
<ul>${addresses.map((address) => `<li>${command(address)}</li>`).join('')}</ul>
</section>`;

const how = ([address = '']: string[]) => `<p class="soft small">To appear here: ${command(address)}</p>`;

function sum(students: Student[]): string {
  const passed = students.reduce(
    (all, { labs }) => all + [...labs.values()].filter(({ passed }) => passed).length,
    0,
  );
  const checks = students.reduce(
    (all, { labs }) => all + [...labs.values()].reduce((of, { checks }) => of + checks, 0),
    0,
  );
  return `<section class="panel sum" aria-label="The class">
<span><b>${students.length}</b>${students.length === 1 ? 'student' : 'students'}</span>
<span><b>${passed}</b>labs passed</span>
<span><b>${checks}</b>checks</span>
</section>`;
}

function table(students: Student[], labs: Lab[], now: number): string {
  const head = labs
    .map(
      ({ number, title }) =>
        `<th scope="col" class="lab"><abbr title="${escapeHtml(title)}">${number}</abbr></th>`,
    )
    .join('');
  const rows = students.map((student) => {
    const at = student.labs.get(student.lab);
    const cells = labs.map(({ number }) => cell(student, number)).join('');
    const doing = at?.passed ? 'passed' : (at?.failing ?? (at?.checks ? '' : 'no check yet'));
    return `<tr><th scope="row">${escapeHtml(student.name)}</th>${cells}<td class="num">${duration(now - student.since)}</td><td class="last">${escapeHtml(doing)}</td></tr>`;
  });
  return `<section class="panel"><h2>Who is where</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Who is where"><table>
<thead><tr><th scope="col">student</th>${head}<th scope="col">at it for</th><th scope="col">the check that fails</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
<p class="soft small">✓ passed · a number: checks so far · the current lab is framed · whoever has been at a lab for the longest time comes first</p>
</section>`;
}

function cell({ labs, lab }: Student, number: number): string {
  const at = labs.get(number);
  const text = !at ? '' : at.passed ? '✓' : String(at.checks);
  const said = !at ? 'not started' : at.passed ? `passed after ${at.checks} checks` : `${at.checks} checks`;
  return `<td class="lab${at?.passed ? ' passed' : ''}${number === lab ? ' here' : ''}" title="${said}"><span>${text}</span></td>`;
}

function failures(members: Class, labs: Lab[]): string {
  const found = members.failures.slice(0, 8);
  if (found.length === 0) return '';
  const title = (lab: number) => labs.find(({ number }) => number === lab)?.title ?? '';
  const rows = found.map(
    ({ lab, check, students, times, now }) =>
      `<tr><td class="num">${lab}</td><td>${escapeHtml(check)} <span class="soft">${escapeHtml(title(lab))}</span></td><td class="num">${students}</td><td class="num">${times}</td><td class="num">${now}</td></tr>`,
  );
  return `<section class="panel"><h2>Which check fails most</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Which check fails most"><table>
<thead><tr><th scope="col">lab</th><th scope="col">check</th><th scope="col">students</th><th scope="col">times</th><th scope="col">now</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div></section>`;
}

function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 1 ? 'less than 1 min' : minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
