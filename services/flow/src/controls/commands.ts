/** What to type where the page cannot do it itself. */
import type { CommonConfig } from '@rideflow/shared/config.ts';
import type { Controls } from '../protocol.ts';

/** Of the page, where the ports are not moved. */
export const usualPort = 4004;

const compose = {
  start: 'docker compose up --detach --no-recreate --scale transaction=2',
  kill: 'docker compose kill transaction    # and again: docker compose up --detach --no-recreate',
  stop: 'docker compose stop transaction    # and again: docker compose up --detach --no-recreate',
  guarantee: 'TRANSACTION_GUARANTEE=at-least-once docker compose up --detach transaction',
  reset: 'docker compose down -v && docker compose up --detach',
};

const byHand = {
  start: 'PORT=4011 npm run transaction',
  kill: 'kill -9 <process id>    # its log says which',
  stop: 'kill <process id>    # its log says which',
  guarantee: 'GUARANTEE=at-least-once npm run transaction',
  reset: 'npm start    # the page of the whole system can start everything anew',
};

/** @param config PORT tells by how much the ports of this system are moved */
export const commandsFor = (
  processes: Controls['processes'],
  { PORT, PUBLIC_RIDES_URL }: Pick<CommonConfig, 'PORT' | 'PUBLIC_RIDES_URL'>,
): Controls['commands'] => ({
  ...(processes === 'compose' ? compose : byHand),
  book: `curl ${PUBLIC_RIDES_URL}/rides \\\n  -H content-type:application/json \\\n  -d '{"customer_id":"user_1"}'`,
  share: `npm start -- ${PORT > usualPort ? `--port-offset ${PORT - usualPort} ` : ''}--share`,
});
