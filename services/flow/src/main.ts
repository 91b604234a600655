/** The flow service: watches the whole system and shows it on one page. All wiring is here. */
import { constants, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { commonConfig } from '@rideflow/shared/config.ts';
import { bar, pageLinks } from '@rideflow/shared/http/bar.ts';
import { lookBack } from '@rideflow/shared/kafka/observing/look-back.ts';
import { runService } from '@rideflow/shared/service.ts';
import { Archive } from './archive.ts';
import { usualPort } from './controls/commands.ts';
import { mountControls } from './controls/controls.ts';
import { KeptPace } from './controls/kept-pace.ts';
import { controlSettings } from './controls/settings.ts';
import { createSupervisor } from './controls/supervisor.ts';
import { Journal } from './journal.ts';
import { mailboxRoutes } from './mailbox.ts';
import { Observer } from './observe/observer.ts';
import { pageRoutes } from './page.ts';
import { flowRoutes } from './routes.ts';
import { observerSettings, withAddresses } from './settings.ts';
import { shareRoute } from './share/share.ts';
import { openForStudents } from './share/students.ts';

const settings = { ...commonConfig('flow', usualPort), ...observerSettings, ...controlSettings };

// It makes much garbage, and nobody waits for it: the old generation grows by 10 % at most. V8 chooses up to 300.
setFlagsFromString('--heap-growing-percent=10');
setFlagsFromString('--optimize-for-size');

// Who looks on gives way to those who work.
setPriority(constants.priority.PRIORITY_LOW);

await runService('flow', settings, process.env, async (service, given) => {
  const config = withAddresses(given);
  const observer = new Observer(service, {
    history: config.HISTORY,
    recent: config.RECENT,
    mailbox: config.MAILBOX_URL,
  });
  const journal = new Journal(observer);
  const archive = new Archive((use) => lookBack(service, use));
  const supervisor = createSupervisor(process);
  const keptPace = new KeptPace(service.log);
  observer.onProcess = (name, running) => void keptPace.restore(name, running);
  const { pages } = service;
  flowRoutes(service.http, { observer, journal, archive, traceUrl: config.TRACE_URL });
  mountControls(service, config, {
    processes: (name) => observer.processes(name),
    supervisor,
    onDelay: (name, delay) => keptPace.keep(name, delay),
    onReset: () => {
      observer.cast.endingAll();
      journal.sayReset();
    },
    onKill: (id) => observer.cast.ending(id, 'killed'),
    onFreeze: (id) => observer.frozen(id),
    onThaw: () => observer.thawed(),
    onBrokerEnd: (asked) => observer.brokerEnding(asked),
  });
  shareRoute(service.http, config.SHARE, () => journal.students);
  pageRoutes(service.http, pageLinks(pages));
  mailboxRoutes(service.http, {
    inside: config.MAILBOX_URL,
    outside: config.PUBLIC_MAILBOX_URL,
    bar: bar(pages, 'Mailbox'),
  });
  Object.assign(service.paths, { '/': 'the flow page', '/mailbox': 'the mails' });

  service.onStop('the observer', () => observer.stop());
  service.onStop('the pages', () => journal.stop());
  await observer.start(config.FEEDS);
  supervisor.onInstances((instances) => observer.read(instances));
  if (config.SHARE) {
    const close = await openForStudents(config.SHARE, { observer, journal, archive }, service.log);
    service.onStop('the page for students', close);
  }
  if (config.PUBLIC_URL) service.log.info(`See it happen: ${config.PUBLIC_URL}`);
});
