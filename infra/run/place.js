// Whether the project can run in the folder where it lies.

/**
 * What a person reads first where it cannot; null where it can. In a path Node takes `*` for the placeholder of a package's exports,
 * and Vite takes `?` for the beginning of a query.
 */
export function problemWith(folder) {
  const found = /[*?]/.exec(folder)?.[0];
  return found
    ? `rideflow cannot run in a folder with a "${found}" in its path, because of Node and Vite: ${folder}\nRename that folder, or clone into another one.`
    : null;
}
