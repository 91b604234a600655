// Whether the project can run where it lies.

/** They stop processes by signals, start a broker that must not outlive them, or both. */
const needsSignals = /(infra[\\/]start|test[\\/](faults|bench)[\\/]\w+|src[\\/]main)\.ts$/;

/**
 * What a person reads first where it cannot; null where it can. In a path Node takes `*` for the placeholder of a package's exports,
 * and Vite takes `?` for the beginning of a query.
 * @param script what is to run, if anything
 */
export function problemWith(folder, script, platform = process.platform) {
  if (platform === 'win32' && needsSignals.test(script ?? ''))
    return (
      'On Windows use WSL: "wsl --install", then clone rideflow inside of it and start it there. Nothing was installed.\n' +
      'Windows has no signals, by which rideflow ends, kills and restarts its processes. With Docker Desktop alone: docker compose up'
    );
  const found = /[*?]/.exec(folder)?.[0];
  return found
    ? `rideflow cannot run in a folder with a "${found}" in its path, because of Node and Vite: ${folder}\nRename that folder, or clone into another one.`
    : null;
}
