import { dockerEngine, hasImage } from '../broker/dockerCli.ts';
import { kafkaIsFetched } from '../broker/kafkaHome.ts';
import { findJava, findMaven, run } from '../broker/tools.ts';
import { imageOf, losesMarkers, PINNED_VERSION, versionOf } from '../broker/version.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

type Env = NodeJS.ProcessEnv;

/** A warning about the Kafka release that is started here; nothing if there is none. */
export function broker(version: string): Finding[] {
  if (!losesMarkers(version)) return [];
  const fault = `${version} can lose transaction markers when its broker is killed (KAFKA-20734)`;
  return [warning('KAFKA_VERSION', fault, `unset KAFKA_VERSION to get ${PINNED_VERSION}`)];
}

/** Checks the Docker engine, its compose plug-in, and Kafka's image. The image comes last, and only with an engine. */
export async function docker(env: Env): Promise<Finding[]> {
  const engine = await dockerEngine(env);
  if ('problem' in engine) {
    return [
      missing(
        'Docker',
        engine.problem,
        engine.remedy ??
          'start Docker Desktop or the Docker service, or see https://docs.docker.com/get-docker',
      ),
    ];
  }
  const compose = await run('docker', ['compose', 'version', '--short'], env);
  return [ok('Docker', `engine ${engine.version} answers`), composeFinding(compose), await image(env)];
}

function composeFinding({ code, output }: { code: number | null; output: string }): Finding {
  const name = 'Docker compose';
  if (code !== 0)
    return missing(
      name,
      'the compose plug-in is not installed',
      'install the compose plug-in, version 2 or newer',
    );
  const version = output.trim();
  const [major = 0, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(version)?.[0] ?? '').split('.').map(Number);
  if (major > 2 || (major === 2 && (minor > 24 || (minor === 24 && patch >= 4))))
    return ok(name, `version ${version}`);
  return warning(
    name,
    `version ${version} supports docker-compose.yml, but not infra/compose/cluster.yml`,
    'update the compose plug-in to 2.24.4 or newer',
  );
}

async function image(env: Env): Promise<Finding> {
  const name = imageOf(versionOf(env));
  if (await hasImage(env, name)) return ok('Kafka image', `${name} is here`);
  const { code } = await run('docker', ['manifest', 'inspect', name], env);
  return code === 0
    ? ok('Kafka image', `${name} is not on this machine, but can be pulled (about 200 MB)`)
    : missing(
        'Kafka image',
        `${name} is not on this machine and cannot be pulled`,
        `run "docker pull ${name}" to see why`,
      );
}

export async function java(env: Env): Promise<Finding> {
  const remedy =
    'only needed without Docker: install Java 17 or newer, for example Temurin from https://adoptium.net';
  const found = await findJava(env);
  if (!found) return missing('Java', 'not found in JAVA_HOME or PATH', remedy);
  if (found.major < 17) return missing('Java', `${found.version} is older than 17`, remedy);
  return ok('Java', `version ${found.version} (${found.command})`);
}

export async function maven(env: Env): Promise<Finding> {
  const found = await findMaven(env);
  if (found) return ok('Maven', `version ${found.version}`);
  const version = versionOf(env);
  if (kafkaIsFetched(version)) return ok('Maven', `not found, but Kafka ${version} is already fetched`);
  return missing('Maven', 'not found', 'only needed without Docker: see https://maven.apache.org/install');
}

export function node(): Finding {
  const found = `version ${process.versions.node} (${process.execPath})`;
  return process.versions.node.startsWith('24.')
    ? ok('Node', found)
    : warning(
        'Node',
        found,
        'the project is tested with 24, which "npm run setup" fetches and every npm script uses',
      );
}

/** Python is only needed for the scripts of the public tutorials. */
export async function python(env: Env): Promise<Finding> {
  const { code, output } = await run('python3', ['-c', 'import kafka; print(kafka.__version__)'], env);
  const remedy = 'only needed for Python scripts: python3 -m pip install "kafka-python>=2.1"';
  if (code === null)
    return warning('Python', 'python3 is not installed', 'only needed for Python scripts: install Python 3');
  const version = output.trim();
  if (code !== 0) return warning('kafka-python', 'kafka-python is not installed', remedy);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 1)) return ok('kafka-python', `version ${version}`);
  return warning('kafka-python', `version ${version} delivers transaction markers as messages`, remedy);
}
