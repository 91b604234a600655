/** Jest runs this after all tests. */
export default async function stop(): Promise<void> {
  await (globalThis as { stopTestPool?: () => Promise<void> }).stopTestPool?.();
}
