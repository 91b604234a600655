/** What the page asks for: the stream of what happens, one ride, one message. */
import { onlyMethods, Problem } from '@rideflow/shared/http/problem.ts';
import type { ReaderName } from '@rideflow/shared/topology.ts';
import type { Express } from 'express';
import type { Journal } from './journal.ts';
import { mailPage } from './mailbox.ts';
import type { Observer } from './observe/observer.ts';
import type { Message } from './observe/recent.ts';
import type { RideStory } from './protocol.ts';
import { type Sources, tellMarker, tellRide } from './story.ts';
import { traceOf } from './trace.ts';

export interface RouteDeps {
  observer: Observer;
  journal: Journal;
  /** A trace in a tracing tool, with {traceId}. */
  traceUrl?: string | undefined;
  /** For students, who see no mailbox. */
  students?: boolean;
}

export function flowRoutes(app: Express, { observer, journal, traceUrl, students = false }: RouteDeps): void {
  const { recent } = observer;
  const sources: Sources = {
    recent,
    heard: (service) => observer.heard(service),
    lost: (partition, offset) => observer.isLost(partition, offset),
    overtaken: (coordinates) => observer.overtaken(coordinates),
    mails: (identity) => observer.mails.of(identity),
    committed: (service, partition) => observer.committed(service as ReaderName, partition),
  };

  function story(ride: string, messages: Message[]): RideStory {
    const told = tellRide(ride, messages, sources);
    const mailed = told.steps.some(({ name, state }) => name === 'mailed' && state !== 'waiting');
    const trace = traceUrl ? traceOf(messages, traceUrl) : null;
    return { ...told, mail: mailed && !students ? mailPage(ride) : null, trace };
  }

  app
    .route('/events')
    .get((request, response) => journal.serve(request, response, students ? 'student' : 'teacher'))
    .all(onlyMethods('GET'));

  app
    .route('/api/rides/:id')
    .get((request, response) => {
      const id = recent.wholeId(request.params.id);
      const messages = recent.ofRide(id);
      if (messages.length === 0)
        throw new Problem(
          404,
          `No ride with the id ${JSON.stringify(id.slice(0, 100))} is among the messages that this page keeps.`,
        );
      response.set('cache-control', 'no-store').json(story(id, messages));
    })
    .all(onlyMethods('GET'));

  app
    .route('/api/messages/:topic/:partition/:offset')
    .get((request, response) => {
      const { topic, partition, offset } = request.params;
      const coordinates = `${topic}/${partition}/${offset}`;
      const marker = observer.markers.get(coordinates);
      if (marker) return void response.set('cache-control', 'no-store').json(tellMarker(marker));
      const message = recent.at(coordinates);
      if (!message)
        throw new Problem(
          404,
          `The message at ${coordinates.slice(0, 100)} is not among the messages that this page keeps.`,
        );
      const ride = recent.rideOf(message);
      const messages = ride ? recent.ofRide(ride) : [message];
      response.set('cache-control', 'no-store').json(story(ride ?? coordinates, messages));
    })
    .all(onlyMethods('GET'));
}
