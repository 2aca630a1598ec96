import { describe, expect, it } from 'vitest';

import { aptLine } from '../../../src/resources/packages.ts';

describe('how far an installation is', () => {
  it.each([
    ['while apt waits', 'waiting for apt, which is in use by 77', 'waiting for apt, which is in use by 77'],
    [
      'while it downloads, with the time that is left',
      'dlstatus:2:74.0947:Retrieving file 2 of 9 (12s remaining)\nGet:2 http://mirror.example/debian forky/main sl [13.2 kB]',
      'downloading 74 %: Retrieving file 2 of 9 (12s remaining)',
    ],
    [
      'while it installs, also a package with its architecture',
      'Setting up libc6 (2.41) ...\npmstatus:libc6:amd64:55.5556:Configuring libc6:amd64 (amd64)\nProcessing triggers',
      'installing 55 %: Configuring libc6:amd64 (amd64)',
    ],
  ])('%s', (_, log, line) => {
    expect(aptLine(log)).toBe(line);
  });
});
