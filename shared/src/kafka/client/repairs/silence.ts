/** Which brokers were silent lately: a new client does well to begin with another one. */

/** In milliseconds. */
const lately = 30_000;
const silentSince = new Map<string, number>();

/** @param broker `host:port` */
export const wasSilent = (broker: string) => void silentSince.set(broker, performance.now());

/** Of several brokers those that were not silent lately, or all where each was. */
export function heard<B extends { host: string; port: number }>(brokers: B[]): B[] {
  const since = performance.now() - lately;
  const found = brokers.filter(({ host, port }) => (silentSince.get(`${host}:${port}`) ?? -lately) <= since);
  return found.length > 0 ? found : brokers;
}
