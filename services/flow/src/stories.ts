/** Finds the story of a ride: among the latest messages, or else in Kafka again. */
import { Problem } from '@rideflow/shared/http/problem.ts';
import { topics } from '@rideflow/shared/topics.ts';
import { allTopics, type ReaderName } from '@rideflow/shared/topology.ts';
import { type Found, timeOf } from './archive.ts';
import { placeOf } from './coordinates.ts';
import { mailPage } from './mailbox.ts';
import { coordinatesOf, type Message } from './observe/recent.ts';
import type { RideStory } from './protocol.ts';
import type { RouteDeps } from './routes.ts';
import { type Sources, tellMarker, tellRide } from './story.ts';
import { traceOf } from './trace.ts';

const old = 'Older than the latest messages, which this page keeps: read from Kafka again.';
/** A ride that was not seen yet is not old: in milliseconds since the time in its id. */
const young = 10_000;

export interface Stories {
  /** @param id also its end alone, of the latest rides. @throws Problem: it is not found */
  ofRide(id: string): Promise<RideStory>;
  /** @param coordinates of any message of a ride, or of a marker. @throws Problem: nothing is found there */
  ofMessage(coordinates: string): Promise<RideStory>;
}

type Deps = Omit<RouteDeps, 'journal'>;

export function createStories({ observer, archive, traceUrl, students = false }: Deps): Stories {
  const { recent } = observer;
  const sources: Sources = {
    recent,
    heard: (service) => observer.heard(service),
    lost: (partition, offset) => observer.fateOf(partition, offset) === 'lost',
    expired: (partition, offset) => observer.expired(partition, offset),
    overtaken: (coordinates) => observer.overtaken(coordinates),
    mails: (identity) => observer.mails.of(identity),
    committed: (service, partition) => observer.committed(service as ReaderName, partition),
  };

  function story(ride: string, messages: Message[], from = sources): RideStory {
    const told = tellRide(ride, messages, from);
    const mailed = told.steps.some(({ name, state }) => name === 'mailed' && state !== 'waiting');
    const trace = traceUrl ? traceOf(messages, traceUrl) : null;
    return { ...told, mail: mailed && !students ? mailPage(ride) : null, trace };
  }

  /** With those of the latest messages that are of the same ride. */
  function oldStory(key: string, { messages, marker, cut }: Found): RideStory {
    if (marker) return { ...tellMarker(marker), note: old };
    const ride = messages.map(({ glance }) => glance.ride).find((id) => id !== null) ?? key;
    const latest = new Map(recent.ofRide(ride).map((message) => [coordinatesOf(message), message]));
    const all = new Map([...messages.map((one) => [coordinatesOf(one), one] as const), ...latest]);
    // That its mail is not among those that are remembered says nothing.
    const mails: Sources['mails'] = (identity) => {
      const known = observer.mails.of(identity);
      return known && known.length > 0 ? known : null;
    };
    const from = { ...sources, old: { cut }, mails };
    return { ...story(ride, [...all.values()], from), note: old };
  }

  return {
    async ofRide(end) {
      const id = recent.wholeId(end);
      const messages = recent.ofRide(id);
      const isWhole = messages.some(({ glance }) => glance.topic === topics.ride_details.name);
      if (isWhole) return story(id, messages);
      const time = timeOf(id);
      if (messages.length === 0 && time !== null && Date.now() - time < young)
        throw new Problem(404, `No ride with the id ${JSON.stringify(id.slice(0, 100))} was seen yet.`);
      try {
        return oldStory(id, await archive.ride(id));
      } catch (error) {
        if (messages.length > 0) return story(id, messages);
        throw error;
      }
    },
    async ofMessage(coordinates) {
      const marker = observer.markers.get(coordinates);
      if (marker) return tellMarker(marker);
      const message = recent.at(coordinates);
      if (message) {
        const ride = recent.rideOf(message);
        return ride ? this.ofRide(ride) : story(coordinates, [message]);
      }
      const place = placeOf(coordinates);
      if (!place || !allTopics().includes(place.topic))
        throw new Problem(404, `No topic of rideflow has a message at ${coordinates.slice(0, 100)}.`);
      return oldStory(coordinates, await archive.message(place));
    },
  };
}
