/** What AWS has otherwise than it was deployed, who did it, and what puts it back. */
import {useDocument} from './api.js';
import {Action, Change, Loaded, State, Table, Time, follow, html, readable, waiting} from './elements.js';

export function Drift({path}) {
  const drift = useDocument(`${path}/drift`, 10);
  return html`<${Loaded} of=${drift}>${(found) => {
    const excluded = found.differences.filter((one) => one.excluded);
    return html`
      <p aria-live="polite"><${State} of=${found.state} /> ${found.detectingSince ? html`since <${Time} at=${found.detectingSince} />` : null}
        ${found.checkedAt ? html` <span class="quiet">as of <${Time} at=${found.checkedAt} /></span>` : ' It was not looked at yet.'} ${found.detail ? readable(found.detail) : null}</p>
      ${!found.checkedAt ? null : html`<${Table} label="Drift" columns=${['What', 'As deployed → as it is', 'Changed by', 'To do']} empty="Nothing is otherwise than it was deployed, as far as was seen."
        rows=${found.differences.filter((one) => !one.excluded).map((one) => ({key: name(one), cells: [
          html`<code>${name(one)}</code>`, one.path ? html`<${Change} before=${one.expected} after=${one.actual} />` : 'it is gone',
          one.changedBy ? html`${one.changedBy.who}, <${Time} at=${one.changedBy.at} /> (${one.changedBy.call})` : null,
          html`${waiting(one.action)} ${one.spec ? html`To keep it, say in the spec: <code>${one.spec.field}: ${JSON.stringify(one.spec.value)}</code>` : null}`]}))} />`}
      ${found.omitted ? html`<p>And ${found.omitted} more.</p>` : null}
      ${excluded.length ? html`<details><summary>${excluded.length} more, as rollouts and scaling set them</summary>
        <${Table} label="No drift" columns=${['What', 'As deployed → as it is', 'Why it is none']} rows=${excluded.map((one) => ({key: name(one), cells: [
          html`<code>${name(one)}</code>`, html`<${Change} before=${one.expected} after=${one.actual} />`, one.reason]}))} /></details>` : null}
      <div class="buttons">
        <${Action} label="Look now" path="${path}/drift" done=${drift.refresh} question="Compares what AWS has with what was deployed. It changes nothing." />
        ${found.state === 'DRIFTED' ? html`<${Action} label="Put it back" path="${path}/drift/mend" body=${() => ({checkedAt: found.checkedAt})}
          question="CloudFormation puts all of it back, or nothing. What is live stays as it is." done=${follow} />` : null}
      </div>`;
  }}<//>`;
}

function name(one) {
  return one.path ? `${one.resource} ${one.path}` : one.resource;
}
