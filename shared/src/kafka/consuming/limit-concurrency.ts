/** @returns the same function, of which at most so many calls run at once; the others wait for their turn, first come, first served */
export function limited<A extends unknown[], R>(most: number, run: (...args: A) => R | Promise<R>) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (...args: A): Promise<R> => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve)); // it gets the place of one that ends
    try {
      return await run(...args);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
