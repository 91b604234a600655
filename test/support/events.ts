/** Server-sent events as they arrive. */
export interface Event {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** Listens at `url`, after the event with this id. */
export async function listen(url: string, lastEventId?: string) {
  const abort = new AbortController();
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await fetch(url, { signal: abort.signal, headers });
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  const events: Event[] = [];
  let text = '';
  return {
    /** Resolves with all events as soon as they satisfy the condition. */
    async until(enough: (events: Event[]) => boolean): Promise<Event[]> {
      while (!enough(events)) {
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream ended');
        text += value;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const of = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
          const [id, event, data] = [of('id'), of('event'), of('data')];
          if (id && event && data) events.push({ id, event, data: JSON.parse(data) });
        }
      }
      return events;
    },
    last: () => events.at(-1)?.id ?? '',
    close: () => abort.abort(),
  };
}
