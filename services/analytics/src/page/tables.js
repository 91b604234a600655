/** The tables: the drivers and the areas with the most rides. */
import { coordinates, count, decimal, percent, rides } from './format.js';

const rowsShown = 8;

/** @param report what /stats answered */
export function showTables({ drivers, areas }) {
  fill(
    'drivers',
    drivers,
    ({ driver }) => driver,
    ({ max_pickup_minutes: max }) => max ?? '–',
  );
  fill('areas', areas, abbreviation, ({ rejected_share }) => percent(rejected_share));
  document.getElementById('resolution').textContent = areas.resolution;
}

/** The rows with the most rides, their amounts as bars. What is not shown is told beside the heading. */
function fill(id, { top, others, distinct }, name, lastCell) {
  const rows = top.slice(0, rowsShown);
  const highest = rows[0]?.rides ?? 1;
  document.getElementById(id).tBodies[0].replaceChildren(
    ...rows.map((row) => {
      const bar = document.createElement('i');
      bar.style.width = `${(row.rides / highest) * 70}%`;
      const amount = document.createElement('div');
      amount.className = 'amount';
      amount.append(bar, count(row.rides));
      return tableRow([name(row), amount, decimal(row.average_pickup_minutes), lastCell(row)]);
    }),
  );
  const hidden = top.slice(rowsShown).reduce((sum, { rides }) => sum + rides, others.rides);
  document.getElementById(`${id}-more`).textContent =
    hidden === 0 ? '' : `top ${rows.length} of ${count(distinct)}; the others have ${rides(hidden)}`;
}

function tableRow(cells) {
  const row = document.createElement('tr');
  for (const [i, cell] of cells.entries()) {
    const td = document.createElement('td');
    if (i > 1) td.className = 'figure';
    td.append(cell);
    row.append(td);
  }
  return row;
}

const abbreviation = (area) =>
  Object.assign(document.createElement('span'), {
    textContent: coordinates(area),
    title: `H3 cell ${area.cell}`,
  });
