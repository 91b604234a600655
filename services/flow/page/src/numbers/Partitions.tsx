/** Each partition in figures: for who wants to add them up, and for who cannot see the lanes. */
import type { View } from '../../../src/protocol.ts';
import { count } from '../format.ts';
import { Term } from '../glossary/Term.tsx';

export function Partitions({ view }: { view: View }) {
  const nameOf = new Map(view.processes.map(({ id, name }) => [id, name]));
  return (
    <>
      {view.groups.map(({ name, topic, state, partitions, rebalances }) => (
        <section key={name} class="group">
          <h3>
            {name} <span class="soft">reads {topic}</span>
          </h3>
          <p class="soft small">
            Its <Term of="group" /> is {state}, with {count(rebalances)} rebalances so far.
          </p>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>
                    <Term of="partition" />
                  </th>
                  <th>
                    <Term of="committed offset">committed</Term>
                  </th>
                  <th>
                    <Term of="end offset">end</Term>
                  </th>
                  <th>
                    <Term of="lag" />
                  </th>
                  <th>owner</th>
                </tr>
              </thead>
              <tbody class="num">
                {partitions.map(({ committed, lag, owner }, partition) => (
                  <tr key={partition}>
                    <td>{partition}</td>
                    <td>{committed < 0 ? 'none' : count(committed)}</td>
                    <td>
                      {count(
                        view.lanes.find((lane) => lane.topic === topic && lane.partition === partition)
                          ?.end ?? 0,
                      )}
                    </td>
                    <td>{count(lag)}</td>
                    <td>{owner ? (nameOf.get(owner) ?? owner) : 'nobody'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </>
  );
}
