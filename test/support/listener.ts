/** A client for server-sent events like a browser (WHATWG HTML, 9.2), but without automatic reconnects. */
import { eventually } from './eventually.ts';

export interface ServerEvent {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the test expects it to be
  data: any;
}

export interface Listener {
  events: ServerEvent[];
  /** The data of all events of one type; lists are joined. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  all(event: string): any[];
  /** Resolves with the first event of a type. */
  first(event: string): Promise<ServerEvent>;
  lastId(): string;
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Resolves when the server has answered. @throws Error when the answer is not an event stream */
export async function listenTo(url: string, lastEventId?: string): Promise<Listener> {
  const controller = new AbortController();
  const response = await fetch(url, {
    signal: controller.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  if (response.headers.get('content-type') !== 'text/event-stream' || !response.body)
    throw new Error(`${response.status}: ${await response.text()}`);
  const events: ServerEvent[] = [];
  const body = response.body.pipeThrough(new TextDecoderStream());
  const read = async () => {
    let rest = '';
    for await (const text of body) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
        const data = field('data');
        if (data !== undefined)
          events.push({ id: field('id') ?? '', event: field('event') ?? 'message', data: JSON.parse(data) });
      }
    }
  };
  const ended = read().catch(() => {});
  return {
    events,
    all: (event) => events.filter((one) => one.event === event).flatMap(({ data }) => data),
    first: (event) =>
      eventually(() => {
        const found = events.find((one) => one.event === event);
        if (!found) throw new Error(`no event ${event} yet: ${JSON.stringify(events)}`);
        return found;
      }),
    lastId: () => events.at(-1)?.id ?? '',
    ended,
    async close() {
      controller.abort();
      await ended;
    },
  };
}
