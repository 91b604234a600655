/** Where a submission runs: in containers without a network if Docker answers, otherwise as processes of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerEngine, hasImage, pullImage } from '../../../infra/broker/dockerCli.ts';
import { newId } from '../../../infra/broker/format.ts';
import { asEnvironment, serverSettings } from '../../../infra/broker/settings.ts';
import { run as runTool } from '../../../infra/broker/tools.ts';
import { imageOf, versionOf } from '../../../infra/broker/version.ts';

export interface Box {
  /** One line for the teacher. */
  how: string;
  /** Starts the checks of the submission in this folder, which is inside the project. */
  run(folder: string, seed: string): Promise<Run>;
}

export interface Run {
  child: ChildProcess;
  /** The last lines of its errors. */
  complaint(): string;
  /** Ends it and everything that it started. */
  kill(): void;
  /** Resolves when nothing of it is left. */
  end(): Promise<void>;
}

const project = join(import.meta.dirname, '../../..');
const script = 'test/labs/teacher/grade-one.ts';
const nodeImage = 'node:24-slim';

/** In a container, never root: whoever runs this, or nobody. */
const user = `${process.getuid?.() || 65_534}:${process.getgid?.() || 65_534}`;

/** No variable of the teacher's environment reaches a submission, except what starts Java. */
const passed = ['PATH', 'JAVA_HOME', 'HOME', 'TMPDIR', 'DOCKER_HOST'];

export const processes = (): Box => ({
  how: 'Docker does not answer: the submissions run on this machine, with your rights.',
  async run(folder, seed) {
    const env = Object.fromEntries(passed.map((name) => [name, process.env[name]]));
    const child = spawn(process.execPath, [join(project, script), folder, seed], {
      env,
      detached: true, // a group of processes, so that all of it can be ended
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return {
      child,
      complaint: complaintOf(child),
      kill() {
        try {
          process.kill(-(child.pid as number), 'SIGKILL');
        } catch {
          // nothing is left
        }
      },
      end: async () => {},
    };
  },
});

/**
 * Two containers for each submission: a broker, and the checks beside it. They share a network that leads nowhere.
 * @returns null if no Docker daemon answers
 */
export async function containers(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<Box | null> {
  const engine = await dockerEngine(env);
  if ('problem' in engine) return null;
  const brokerImage = imageOf(versionOf(env));
  for (const image of [nodeImage, brokerImage]) {
    const problem = (await hasImage(env, image)) ? undefined : await pullImage(env, image, say);
    if (problem) throw new Error(`Docker cannot pull the image ${image} (${problem})`);
  }
  const docker = (...args: string[]) => runTool('docker', args, env);
  return {
    how: `The submissions run in containers of Docker ${engine.version}, without a network.`,
    async run(folder, seed) {
      const name = `rideflow-grade-${newId()
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, '')}`;
      const settings = serverSettings({
        id: 1,
        listeners: { HOST: 'localhost:9092', CONTROLLER: 'localhost:9093' },
        advertised: { HOST: 'localhost:9092' },
        interBroker: 'HOST',
        voters: ['localhost:9093'],
        logDir: '/tmp/kafka-data',
      });
      const variables = Object.entries({
        ...asEnvironment(settings),
        CLUSTER_ID: newId(),
        KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m',
      }).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
      const started = await docker(
        'run',
        '-d',
        '--network',
        'none',
        '--name',
        name,
        ...variables,
        brokerImage,
      );
      if (started.code !== 0) throw new Error(`Docker cannot start the broker: ${started.output}`);
      for (let tries = 0; !(await docker('logs', name)).output.includes('Kafka Server started'); tries++) {
        if (tries > 300) throw new Error('the broker in the container does not start');
        await sleep(200);
      }
      // biome-ignore format: one option a line reads best
      const child = spawn('docker', [
        'run', '--rm', '--name', `${name}-checks`,
        '--network', `container:${name}`,
        '--read-only', '--tmpfs', '/tmp',
        '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges',
        '--memory', '1g', '--pids-limit', '200', '--user', user,
        '-v', `${project}:/rideflow:ro`, '-w', '/rideflow', '-e', 'HOME=/tmp',
        nodeImage, 'node', script, `/rideflow/${relative(project, folder).replaceAll('\\', '/')}`, seed, 'localhost:9092',
      ], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      return {
        child,
        complaint: complaintOf(child),
        kill: () => void docker('kill', `${name}-checks`),
        end: async () => void (await docker('rm', '-f', '-v', `${name}-checks`, name)),
      };
    },
  };
}

function complaintOf({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-1000);
  });
  return () => text.trim().split('\n').slice(-3).join(' ');
}
