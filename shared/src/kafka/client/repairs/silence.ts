/** Remembers brokers that were silent recently, so new clients start with another broker. */

/** How long a broker counts as silent, in milliseconds. */
const lately = 30_000;
const silentSince = new Map<string, number>();

/** @param broker `host:port` */
export const wasSilent = (broker: string) => void silentSince.set(broker, performance.now());

/** The brokers that were not silent recently, or all of them if each was. */
export function heard<B extends { host: string; port: number }>(brokers: B[]): B[] {
  const since = performance.now() - lately;
  const found = brokers.filter(({ host, port }) => (silentSince.get(`${host}:${port}`) ?? -lately) <= since);
  return found.length > 0 ? found : brokers;
}
