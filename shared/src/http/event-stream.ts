/** Headers of server-sent events. The last tells nginx, and proxies that follow it, to pass each event on at once. */
export const eventStream = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};
