import { createTwoFilesPatch } from 'diff';

import type { Host } from '../../host/host.ts';
import { judgeParameters } from '../../resources/judged-parameters.ts';
import { resource, type Change, type Resource } from '../../resources/resource.ts';
import { waitAtMost } from '../../run/deadline.ts';
import { sharedParameters } from '../../spec/shared-parameters.ts';
import type { Target } from '../component.ts';
import { patchSharedConfig, readSharedConfig } from './client.ts';
import { sharedConfig } from './shared-config.ts';

const TOLD_DEADLINE_MS = 15_000;

type Config = Readonly<Record<string, unknown>>;

/** Patroni's shared config in etcd: what the spec says about it is kept so; keys that it does not name stay as they are. */
export function sharedConfigResource(target: Target): Resource {
  const wanted: Config = { ...sharedConfig(target.spec) };
  return resource<Config | undefined>({
    id: 'patroni:shared-config',
    read: (reader) => readSharedConfig(reader, target),
    // Before there is a cluster the bootstrap section of patroni.yml sees to it.
    diff: (actual) => (actual === undefined ? undefined : sharedConfigChange(wanted, actual)),
    apply: async (host) => {
      await judgeParameters(host, { content: '', shared: sharedParameters(target.spec) });
      await patchSharedConfig(host, target, wanted);
      await untilTold(host, target, wanted);
    },
  });
}

/**
 * Patroni answers `GET /config` from the cluster as it last saw it, which its loop looks at anew when the change wakes it: a
 * busy host would be told that the change did not stick (`do_GET_config` of patroni/api.py).
 */
async function untilTold(host: Host, target: Target, wanted: Config): Promise<void> {
  const wait = { what: `Patroni on ${host.name} to see its shared config`, deadlineMs: TOLD_DEADLINE_MS };
  await waitAtMost(wait, async () => {
    const told = await readSharedConfig(host, target);
    return told !== undefined && sharedConfigChange(wanted, told) === undefined ? true : undefined;
  });
}

/** What differs in the shared config, as a diff of the keys that pgscale sets; pure. */
export function sharedConfigChange(wanted: Config, actual: Config): Change | undefined {
  const before = listing(pick(actual, wanted));
  const after = listing(wanted);
  if (before === after) return undefined;
  const diff = createTwoFilesPatch('etcd', 'spec', before, after, undefined, undefined, { context: 0 });
  return { action: 'update', summary: "change Patroni's shared config", diff };
}

/** The part of `actual` that has the keys of `wanted`, at every depth. */
function pick(actual: Config, wanted: Config): Config {
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => {
      const found = actual[key];
      return [key, isConfig(value) && isConfig(found) ? pick(found, value) : found];
    }),
  );
}

function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One `key: value` a line, sorted; values as text, since PostgreSQL's `'200'` and `200` are the same. */
function listing(config: Config, prefix = ''): string {
  return Object.entries(config)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => {
      if (isConfig(value)) return listing(value, prefix);
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${prefix}${key}: ${text}\n`;
    })
    .join('');
}
