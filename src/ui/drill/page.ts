import { seconds } from './seconds.ts';
import type { ShownDrill, ShownRound } from './shown.ts';
import { STYLE } from './style.ts';
import { timeline } from './timeline.ts';

const COLOURS = ['#3b82c4', '#e08b3e', '#7a5bb8', '#2f9e8f', '#b85b84', '#8a8f3c', '#5c6b7a', '#c4583b', '#4a7a3b'];

/** The report of a drill: one HTML document that needs nothing else, no script and no file. Pure. */
export function drillPage(drill: ShownDrill): string {
  const hosts = [...new Set(drill.rounds.flatMap(hostsOf))].sort();
  const colourOf = (host: string): string => COLOURS[Math.max(0, hosts.indexOf(host)) % COLOURS.length] ?? 'grey';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Failover drill of ${escape(drill.cluster)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kicker">pgscale failover drill</p>
<h1>${escape(drill.cluster)}: ${escape(drill.title)}</h1>
<p class="facts">${facts(drill).map(escape).join(' · ')}</p>
${verdict(drill)}
</header>
<section class="cards">${cards(drill)}</section>
<p class="legend">${hosts.map((host) => `<span><i style="background:${colourOf(host)}"></i>${escape(host)}</span>`).join('')}<span><i class="wrong"></i>errors, broken reads</span><span><i class="fresh"></i>reads of new connections</span></p>
${drill.rounds.map((round) => roundSection(round, colourOf)).join('\n')}
<footer>Times count from the fault. Writers use the pool endpoint, each row is compared with the ledger afterwards; readers hold transactions open on the replica endpoint.</footer>
</main>
</body>
</html>
`;
}

function hostsOf({ picture, victim, primary }: ShownRound): string[] {
  const seen = [...picture.writes, ...picture.transactions].map(({ host }) => host);
  return primary === null ? [...seen, victim] : [...seen, victim, primary];
}

function facts({ at, hosts, profile, clients, rounds, durationMs }: ShownDrill): string[] {
  return [
    `${at.slice(0, 16).replace('T', ' ')} UTC`,
    `${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'} in ${Math.round(durationMs / 1000)} s`,
    `${hosts} members`,
    `profile ${profile}`,
    `${clients.writers} writers, ${clients.readers} readers`,
  ];
}

function verdict({ broken }: ShownDrill): string {
  if (broken.length === 0) return '<p class="verdict kept">Every promise was kept.</p>';
  return `<ul class="verdict broken">${broken.map((what) => `<li>${escape(what)}</li>`).join('')}</ul>`;
}

function cards({ summary, promised, isSynchronous }: ShownDrill): string {
  const { write, read, redundant, lost, acknowledged, readsInterrupted, readsWatched, readsLostWithProxy } = summary;
  const computed = promised === null ? '' : `, computed ${promised.best} / ${promised.expected} / ${promised.worst} s`;
  const proxy = readsLostWithProxy === 0 ? '' : `; ${readsLostWithProxy} more came through the lost host's proxy`;
  return [
    card(
      'writes again',
      seconds(write.medianMs),
      `p95 ${seconds(write.p95Ms)}, worst ${seconds(write.worstMs)}${computed}`,
    ),
    card('new readers', seconds(read.medianMs), `p95 ${seconds(read.p95Ms)}, worst ${seconds(read.worstMs)}`),
    card(
      'full redundancy',
      seconds(redundant.medianMs),
      `p95 ${seconds(redundant.p95Ms)}, worst ${seconds(redundant.worstMs)}`,
    ),
    card(
      'commits lost',
      String(lost),
      `of ${acknowledged.toLocaleString('en')} acknowledged${isSynchronous ? '' : ', asynchronous'}`,
      lost > 0,
    ),
    card(
      'reads interrupted',
      String(readsInterrupted),
      `of ${readsWatched} on healthy standbys${proxy}`,
      readsInterrupted > 0,
    ),
  ].join('');
}

function card(title: string, value: string, below: string, isBad = false): string {
  return `<div class="card${isBad ? ' bad' : ''}"><h3>${title}</h3><p class="value">${value}</p><p>${escape(below)}</p></div>`;
}

function roundSection(round: ShownRound, colourOf: (host: string) => string): string {
  const { number, victim, primary, broken, acknowledged, lost, reads } = round;
  const move = primary === victim ? `${victim} stays the primary` : `${victim} → ${primary ?? 'nobody'}`;
  const numbers = `${acknowledged.toLocaleString('en')} acknowledged, ${lost} lost · ${reads.interrupted} of ${reads.watched} reads interrupted`;
  return `<section class="round${broken.length > 0 ? ' failed' : ''}">
<h2>Round ${number} <small>${escape(move)}</small><small class="numbers">${numbers}</small></h2>
${broken.map((what) => `<p class="broken">${escape(what)}</p>`).join('')}
${timeline(round, colourOf)}
${errors(round)}
</section>`;
}

function errors({ writeErrors, readErrors }: ShownRound): string {
  const rows = [
    ...writeErrors.map((each) => ({ who: 'writers', ...each })),
    ...readErrors.map((each) => ({ who: 'new readers', ...each })),
  ];
  if (rows.length === 0) return '<p class="quiet">No client saw an error.</p>';
  const cells = rows.map(({ who, kind, count }) => `<tr><td>${count}</td><td>${who}</td><td>${escape(kind)}</td></tr>`);
  return `<table>${cells.join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
