/** The look of a report; fonts are those of the reader's system. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2630; --soft: #66727f; --line: #e3e8ed; --ground: #f6f8fa; --sheet: #fff;
  --bad: #c8322b; --good: #1f8a55; --note: #8a6d1f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #93a0ad; --line: #2c3640; --ground: #12171c;
  --sheet: #1a2129; --bad: #ff6b60; --good: #4cc38a; --note: #d9b44a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1140px; margin: 0 auto; padding: 40px 24px 64px; }
.kicker { margin: 0; color: var(--soft); letter-spacing: .08em; text-transform: uppercase; font-size: 12px; }
h1 { margin: 4px 0 2px; font-size: 28px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; }
.facts { margin: 0; color: var(--soft); }
.verdict { margin: 20px 0 0; padding: 10px 14px; border-left: 4px solid; border-radius: 4px; background: var(--sheet); }
.verdict.kept { border-color: var(--good); color: var(--good); font-weight: 600; }
.verdict.broken { border-color: var(--bad); padding-left: 32px; color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; margin: 24px 0 18px; }
.card { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.card h3 { margin: 0; font-size: 13px; font-weight: 500; color: var(--soft); }
.card p { margin: 0; color: var(--soft); font-size: 12.5px; }
.card .value { margin: 2px 0 4px; color: var(--ink); font-size: 27px; line-height: 1.2; font-weight: 650;
  font-variant-numeric: tabular-nums; }
.card.bad .value { color: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 2px 14px; color: var(--soft); font-size: 13px; }
.legend i { display: inline-block; width: 11px; height: 11px; margin-right: 7px; border-radius: 3px; }
.legend .wrong { background: var(--bad); } .legend .fresh { background: var(--good); }
.round { margin: 0 0 14px; padding: 16px 18px 14px; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 10px; break-inside: avoid; }
.round.failed { border-color: var(--bad); }
.round h2 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; margin: 0 0 8px; font-size: 16px; }
.round h2 small { color: var(--soft); font-size: 14px; font-weight: 400; }
.round h2 .numbers { margin-left: auto; font-variant-numeric: tabular-nums; font-size: 13px; }
.round .broken { margin: 0 0 8px; color: var(--bad); }
.quiet { margin: 6px 0 0; color: var(--soft); font-size: 13px; }
table { margin-top: 8px; border-collapse: collapse; font-size: 13px; }
td { padding: 2px 16px 2px 0; color: var(--soft); vertical-align: top; }
td:first-child { text-align: right; color: var(--ink); font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: auto; font: 11.5px system-ui, sans-serif; }
svg .grid { stroke: var(--line); }
svg .tick { fill: var(--soft); text-anchor: middle; }
svg .label { fill: var(--soft); text-anchor: end; }
svg .error { fill: var(--bad); } svg .read { fill: var(--good); }
svg line.mark { stroke-width: 1.4; stroke-dasharray: 4 3; }
svg line.hit { stroke: var(--bad); stroke-dasharray: none; } svg text.hit { fill: var(--bad); font-weight: 600; }
svg line.good { stroke: var(--good); } svg text.good { fill: var(--good); font-weight: 600; }
svg line.note { stroke: var(--note); } svg text.note { fill: var(--note); }
footer { margin-top: 22px; color: var(--soft); font-size: 13px; }
`;
