/** Headers of server-sent events. The last one makes nginx and compatible proxies forward each event at once. */
export const eventStream = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
