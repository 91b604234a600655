/** `GET /api/share`: where students watch, for the teacher's page. */
import { onlyMethods } from '@rideflow/shared/http/problem.ts';
import type { Express } from 'express';
import type { Shared } from '../protocol.ts';
import { qrPath } from './qr.ts';

/** @param address undefined: the page is not shared @param watching how many pages are open there */
export function shareRoute(app: Express, address: URL | undefined, watching: () => number): void {
  const where = address && { address: address.origin, qr: qrPath(address.origin) };
  app
    .route('/api/share')
    .get((_request, response) => {
      const shared: Shared = where ? { ...where, watching: watching() } : null;
      response.set('cache-control', 'no-store').json(shared);
    })
    .all(onlyMethods('GET'));
}
