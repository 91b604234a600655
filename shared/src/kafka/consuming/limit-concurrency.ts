/** @returns the same function with a limit on concurrent calls. Other calls wait in the order of arrival */
export function limited<A extends unknown[], R>(most: number, run: (...args: A) => R | Promise<R>) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (...args: A): Promise<R> => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve)); // it gets the slot of a call that ended
    try {
      return await run(...args);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
