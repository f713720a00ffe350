/** The form that rolls an image out: what is asked for each time, and what of the spec's rollout settings may be otherwise this time. */
import {Action, follow, html, readable} from './elements.js';

const AS_DECLARED = (value) => ['', value === undefined ? 'as in the spec' : `as in the spec: ${value}`];
const choices = (declared, names) => [AS_DECLARED(declared), ...names.map((name) => [name, name])];

/** Names are those of the request's body, a part of a part after a dot. */
function settings({rollout = {}}) {
  const number = (name, label, value) => ({name, number: true, more: true, label: `${label}${value === undefined ? '' : `, in the spec ${value}`}`});
  return [
    {name: 'concurrencyPolicy', more: true, label: 'If something is under way', options: [
      ['', 'refuse this one'], ['queue', 'start when it has ended'], ['replace', 'stop that rollout, then start']]},
    {name: 'rollout.strategy', more: true, label: 'Strategy', options: choices(rollout.strategy, ['rolling', 'blue-green', 'canary', 'linear'])},
    number('rollout.canary.percent', 'Canary: percent of the requests at first', rollout.canary?.percent),
    number('rollout.canary.bakeMinutes', 'Canary: minutes before the rest', rollout.canary?.bakeMinutes),
    number('rollout.bakeMinutes', 'Minutes that the old release stays after all traffic has moved', rollout.bakeMinutes),
    {name: 'rollout.approval.when', more: true, label: 'Approval', options: choices(rollout.approval?.when, ['none', 'before-production', 'each-step'])},
    {name: 'rollout.verdict.onNoEvidence', more: true, label: 'When too few requests came to judge it',
      options: choices(rollout.verdict?.onNoEvidence, ['wait', 'approve', 'promote', 'rollback'])},
  ];
}

/** The body of the request: what was left empty is left out, and what should be a number and is none goes as it was written. */
function body(texts, fields) {
  const made = {};
  for (const field of fields) {
    const text = texts[field.name]?.trim();
    if (text) {
      const parts = field.name.split('.');
      const last = parts.pop();
      const place = parts.reduce((at, part) => (at[part] ??= {}), made);
      place[last] = field.number && Number.isFinite(Number(text)) ? Number(text) : text;
    }
  }
  return made;
}

/** What a dry run has found. */
function preview({findings, forecast}) {
  return html`
    ${findings?.length ? html`<ul>${findings.map((one) => html`<li><strong>${one.blocks ? 'It would be refused' : 'Note'}:</strong> ${readable(one.detail)} ${readable(one.action)}</li>`)}</ul>`
      : html`<p>Nothing stands against it.</p>`}
    ${forecast ? html`<p>${readable(forecast.message)}</p>` : null}
    ${forecast?.evidence ? html`<p>${readable(forecast.evidence.message)}</p>` : null}`;
}

export function Deploy({path, declared}) {
  const fields = [
    {name: 'image', label: 'Image: a tag or digest', required: true},
    {name: 'commit', label: 'Commit'},
    ...settings(declared ?? {}),
  ];
  return html`<${Action} label="Deploy" path="${path}/rollouts" done=${follow} preview=${preview} fields=${fields}
    question="Rolls an image out, by the strategy of the spec unless another is named below. It may be stricter than the spec; what is weaker takes an override, of which the answer tells."
    body=${(texts) => body(texts, fields)} />`;
}
