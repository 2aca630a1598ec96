import type { Target } from '../../src/components/component.ts';
import { clusterResources, layers } from '../../src/components/index.ts';
import { readMemberState } from '../../src/cluster/member-state.ts';
import { readUnsettled } from '../../src/cluster/unsettled.ts';
import type { Command } from '../../src/host/command.ts';
import { parseFacts, type HostFacts } from '../../src/host/facts.ts';
import type { CommandResult, Reader, RemoteFile } from '../../src/host/host.ts';
import { baseResources } from '../../src/operations/survey.ts';
import type { Resource } from '../../src/resources/resource.ts';
import { ANSWERS, memberAnswer } from './desired-host-answers.ts';
import { appliedTo } from './desired-host-apply.ts';

const FACTS = `osId=debian
osVersion=14
osCodename=forky
architecture=x86_64
kernel=6.12.0
hostname=paper
cpuCount=4
memoryKb=8388608
diskBytes=107374182400
diskFreeBytes=90000000000
ioUringDisabled=0
ioUringStatus=0
openFilesMax=1048576`;

/** A desired host says of itself what this makes of it. */
export function desiredFacts(name: string, address: string): HostFacts {
  return parseFacts(name, factsText(address), { address, nowMs: Date.now() });
}

function factsText(address: string): string {
  return `${FACTS}\ninterface:${address}/24=host0\nclockS=${Date.now() / 1000}`;
}

/**
 * A host that is as its spec wants it, of paper: it answers every read that a plan asks for out of the desired state,
 * without a process, and **fails on any other**. The desired state comes from the resources themselves: they are applied
 * to a host that only notes what they write and run, so that nothing is written down here twice.
 */
export class DesiredHost implements Reader {
  readonly name: string;
  readonly #address: string;
  readonly #files = new Map<string, RemoteFile>();
  readonly #answers = new Map<string, CommandResult>();

  private constructor(target: Target) {
    this.name = target.host.name;
    this.#address = target.host.address;
  }

  /** @param isPrimary it answers for roles, databases and Patroni's shared config too. */
  static async create(target: Target, isPrimary: boolean): Promise<DesiredHost> {
    const host = new DesiredHost(target);
    const own = [...baseResources(target), ...layers(target).flatMap(({ resources }) => resources)];
    for (const each of [...own, ...(isPrimary ? clusterResources(target) : [])]) await host.#learn(each);
    const asked = [
      ...askedBy((reader) => readMemberState(reader, target)),
      ...askedBy((reader) => readUnsettled(reader, target.spec)),
    ];
    for (const command of asked) {
      host.#teach(command, memberAnswer(command.script, isPrimary));
    }
    return host;
  }

  async read(command: Command): Promise<CommandResult> {
    if (command.script.startsWith('. /etc/os-release')) return success(factsText(this.#address));
    const answer = this.#answers.get(command.script);
    if (answer === undefined) throw new Error(`${this.name} was not taught: ${command.script}`);
    return answer;
  }

  async readFile(path: string): Promise<RemoteFile | undefined> {
    return this.#files.get(path);
  }

  async #learn(resource: Resource): Promise<void> {
    const done = await appliedTo(resource);
    for (const [path, file] of done.files) this.#files.set(path, file);
    const [kind = ''] = resource.id.split(':');
    const answer = ANSWERS[kind];
    for (const command of askedBy((reader) => resource.read(reader))) {
      if (answer === undefined) throw new Error(`nobody knows how ${resource.id} looks when it is as it should be`);
      this.#teach(command, answer({ resource, done, script: command.script }));
    }
  }

  #teach(command: Command, answer: string | undefined): void {
    const result = answer === undefined ? { exitCode: 1, stdout: '', stderr: '' } : success(answer);
    this.#answers.set(command.script, result);
  }
}

function success(stdout: string): CommandResult {
  return { exitCode: 0, stdout, stderr: '' };
}

/** The commands that a read asks for at its first moment; there is no later one when reads share a round trip. */
function askedBy(read: (reader: Reader) => Promise<unknown>): Command[] {
  const commands: Command[] = [];
  const never = new Promise<never>(() => undefined);
  const note = (command: Command): Promise<never> => {
    commands.push(command);
    return never;
  };
  void read({ name: 'notes', read: note, readFile: () => never });
  return commands;
}
