// Checks whether the project can run in its folder and on this system.

/** These scripts use signals, or start a broker that must not outlive them. */
const needsSignals = /(infra[\\/]start|test[\\/](faults|bench)[\\/]\w+|src[\\/]main)\.ts$/;

/**
 * The message for the user if it cannot; null if it can. In a path, Node takes `*` for the placeholder of a package's exports,
 * and Vite takes `?` for the start of a query.
 * @param script the script to run, if any
 */
export function problemWith(folder, script, platform = process.platform) {
  if (platform === 'win32' && needsSignals.test(script ?? ''))
    return (
      'On Windows, use WSL: run "wsl --install", clone rideflow inside WSL, and start it there. Nothing was installed.\n' +
      'rideflow stops and kills its processes with signals, which Windows does not have. With Docker Desktop alone, run: docker compose up'
    );
  const found = /[*?]/.exec(folder)?.[0];
  return found
    ? `rideflow cannot run in a folder with "${found}" in its path, because Node and Vite do not support that: ${folder}\nRename that folder, or clone into another one.`
    : null;
}
