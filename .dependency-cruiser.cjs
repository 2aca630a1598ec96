// The direction of dependencies (docs/architecture.md): commands → operations → components → resources → host;
// commands → ui; everyone may read spec and errors.
const inner = (folders) => `^src/(${folders.join('|')})/`;

/** Which folder may not be reached from where. */
const layer = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

/** A package that only one place may import. */
const only = (name, pack, places, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: places },
  to: { path: `node_modules/${pack}/` },
});

/** What is written in the components' fragments of the spec and needs nothing else. */
const SPEC_FRAGMENTS = '^src/components/([^/]+)/(spec|owned-parameters)\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'What imports each other cannot be understood alone. (Cycles of types alone do no harm at run time.)',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    layer('nothing-imports-commands', '^src/(?!commands/)', '^src/commands/', 'A command is an end, not a part.'),
    layer(
      'ui-is-for-commands',
      '^src/(?!commands/|ui/|hooks/|base-command|partition-command|cdc-command)',
      '^src/ui/',
      'Only commands show things.',
    ),
    layer('ui-knows-no-machine', '^src/ui/', inner(['host', 'resources', 'run', 'sql', 'lab']), 'It shows results.'),
    layer(
      'commands-call-operations',
      '^src/commands/(?!lab/)',
      inner(['host', 'resources', 'sql']),
      'No SSH and no SQL in a command.',
    ),
    {
      ...layer('components-below-operations', '^src/components/', inner(['operations', 'run', 'ui'])),
      comment: 'Components are pure; only what makes one ready waits, and every wait has a deadline.',
      to: { path: inner(['operations', 'run', 'ui']), pathNot: '^src/run/deadline\\.ts$' },
    },
    layer(
      'resources-below-components',
      '^src/resources/',
      inner(['components', 'operations', 'run', 'ui', 'cluster']),
      'A resource knows nothing of what it is for.',
    ),
    layer(
      'host-is-the-bottom',
      '^src/host/',
      inner(['components', 'resources', 'operations', 'run', 'ui', 'cluster', 'sql']),
      'A host is a machine, nothing more.',
    ),
    layer(
      'errors-know-nothing',
      '^src/errors/',
      inner(['components', 'resources', 'operations', 'run', 'ui', 'cluster', 'sql', 'host', 'spec']),
      'Everyone may throw.',
    ),
    {
      ...layer(
        'spec-knows-no-machine',
        '^src/spec/',
        inner(['components', 'resources', 'operations', 'run', 'ui', 'host']),
      ),
      comment: 'The spec is read before any machine is known; it is composed of the components’ fragments.',
      to: { path: inner(['components', 'resources', 'operations', 'run', 'ui', 'host']), pathNot: SPEC_FRAGMENTS },
    },
    {
      name: 'components-apart',
      comment: 'A component asks spec/topology about the others; only the list of components knows them all.',
      severity: 'error',
      from: { path: '^src/components/([^/]+)/' },
      to: { path: '^src/components/[^/]+/', pathNot: '^src/components/$1/' },
    },
    layer(
      'agent-stands-alone',
      '^src/agent/',
      inner(['components', 'resources', 'operations', 'run', 'ui', 'cluster', 'host']),
      'It is one small file on the hosts: no SSH, no package of the command line.',
    ),
    layer(
      'partitions-stand-alone',
      '^src/partitions/',
      inner([
        'components',
        'resources',
        'operations',
        'run',
        'ui',
        'cluster',
        'host',
        'sql',
        'spec',
        'errors',
        'agent',
      ]),
      'They go into the agent, too.',
    ),
    layer('lab-is-a-guest', '^src/(?!commands/lab/|lab/)', '^src/lab/', 'Nothing outside knows that there is a lab.'),
    only('ssh2-in-host', 'ssh2', '^src/host/', 'SSH is behind the Host interface.'),
    only('listr2-in-run', 'listr2', '^src/run/', 'Progress is behind the Step contract.'),
    only('prompts-in-ui', '@inquirer', '^src/ui/', 'Questions are asked by commands, through ui.'),
    only(
      'oclif-on-top',
      '@oclif',
      '^src/(commands|hooks|errors)/|^src/[a-z]+-command',
      'The command line is one way in.',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
