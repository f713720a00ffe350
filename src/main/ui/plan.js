/** A plan: what applying a spec would change, and what that means. */
import {useDocument} from './api.js';
import {Action, Causes, Change, ErrorBox, Facts, Loaded, Section, State, Table, Time, html} from './elements.js';
import {dollars, link, words} from './format.js';

const LATER = 'nothing, or known only then';
const SIGNS = {ADD: '+', IMPORT: '+', MODIFY: '~', REMOVE: '−'};

export function Plan({path}) {
  const plan = useDocument(path, 3);
  const target = path.replace(/\/plans\/.*/, '');
  return html`
    <h1 tabindex="-1">Plan for ${target.split('/').slice(3).filter((_, index) => index % 2 === 0).join('/')}</h1>
    <${Loaded} of=${plan}>${(found) => html`
      <p class="standing"><${State} of=${found.state} /> <span class="quiet">by ${found.createdBy}, <${Time} at=${found.createdAt} /></span></p>
      <${ErrorBox} error=${found.failure ? {problem: found.failure} : null} />
      ${found.state === 'READY' ? html`<${Ready} of=${found} />` : null}`}<//>`;
}

function Ready({of}) {
  const blocking = of.risks.filter((risk) => risk.blocking);
  const nothing = !of.changes.length && !Object.keys(of.release ?? {}).length && !Object.keys(of.settings ?? {}).length;
  return html`
    ${of.risks.length ? html`<${Section} title="Risks"><ul class="risks">${of.risks.map((risk) => html`
      <li><${State} of=${risk.blocking ? 'FAILED' : 'DEGRADED'}>${risk.blocking ? 'refused unless allowed' : 'risk'}<//> <code>${risk.logicalId}</code> ${risk.message}</li>`)}</ul><//>` : null}
    <${Section} title="What changes">
      ${nothing ? html`<p>Nothing: it is as the spec says.</p>` : null}
      ${Object.keys(of.release ?? {}).length ? html`<h3>The container, by a rollout</h3><${Settings} of=${of.release} />` : null}
      ${Object.keys(of.settings ?? {}).length ? html`<h3>Settings</h3><${Settings} of=${of.settings} />` : null}
      ${of.changes.length ? html`<h3>Resources of the stack</h3><ul class="diff">${of.changes.map((change) => html`
        <li class=${change.action.toLowerCase()}>
          <p><span aria-hidden="true">${SIGNS[change.action]}</span> <span class="hidden">${words(change.action)}</span> <strong>${change.logicalId}</strong> <span class="quiet">${change.type}</span>
            ${change.replacement === 'YES' ? html` <${State} of="FAILED">replaced<//>` : change.replacement === 'CONDITIONAL' ? html` <${State} of="DEGRADED">may be replaced<//>` : null}
            ${change.retained ? ' the old one stays in the account' : ''}</p>
          ${change.properties?.length ? html`<ul>${change.properties.map((property) => html`
            <li><code>${property.path}</code>: <${Change} ...${property} missing=${LATER} />${property.cause ? html` <span class="quiet">by ${property.cause}</span>` : null}</li>`)}</ul>` : null}
        </li>`)}</ul>` : null}
    <//>
    <${Section} title="Cost"><p>${of.cost?.message}</p>
      <${Facts} of=${[['Before', of.cost?.before !== undefined ? `${dollars(of.cost.before)} a month` : null], ['After', of.cost?.after !== undefined ? `${dollars(of.cost.after)} a month` : null]]} /><//>
    ${blocking.length ? html`<p>To apply it, allow by name what would be lost: <code>slipway apply --allow ${blocking.map((risk) => risk.logicalId).join(' --allow ')}</code>.</p>`
      : html`<div class="buttons"><${Action} label="Apply" path=${of.apply} question="Runs the plan, if it would still do the same." done=${(answer) => { location.hash = link(answer.location); }} /></div>`}
    <details><summary>The spec, with every default</summary><pre tabindex="0" aria-label="Spec">${JSON.stringify(of.spec, null, 2)}</pre></details>`;
}

function Settings({of}) {
  return html`<ul class="diff">${Object.entries(of).map(([name, change]) => html`
    <li class="modify"><code>${name}</code>: <${Change} ...${change} missing=${LATER} /></li>`)}</ul>`;
}

export function Operation({path}) {
  const operation = useDocument(path, 3);
  return html`
    <h1 tabindex="-1">Operation</h1>
    <${Loaded} of=${operation}>${(found) => html`
      <p class="standing" aria-live="polite"><${State} of=${found.state} /> ${words(found.type)} of ${found.target}, in phase ${found.phase}</p>
      ${found.waitsFor ? html`<p>Waits for: ${found.waitsFor}</p>` : null}
      <${Facts} of=${[
        ['Begun', html`<${Time} at=${found.acceptedAt} /> by ${found.actor}`],
        ['Ended', found.endedAt ? html`<${Time} at=${found.endedAt} />` : null],
        ['Resources', found.progress?.total ? `${found.progress.done ?? 0} of ${found.progress.total}` : null],
        ['Rollout', found.rollout ? html`<a href=${link(found.rollout)}>its page</a>` : null],
        ['Plan', found.plan ? html`<a href=${link(found.plan)}>its page</a>` : null],
      ]} />
      ${found.progress?.total ? html`<progress max=${found.progress.total} value=${found.progress.done ?? 0} aria-label="Resources of the stack"></progress>` : null}
      ${found.notes?.length ? html`<ul>${found.notes.map((note) => html`<li>${note}</li>`)}</ul>` : null}
      ${found.services?.length ? html`<${Table} label="Services that follow" columns=${['Service', 'State', 'Why']}
        rows=${found.services.map((one) => ({key: one.service, cells: [one.service, words(one.state), one.finding]}))} />` : null}
      ${found.failure ? html`<${Section} title="Why"><${ErrorBox} error=${{problem: found.failure}} /><${Causes} diagnosis=${found.diagnosis} /><//>` : null}
      ${found.leftovers?.length ? html`<${Section} title="What could not be deleted"><${Table} label="Leftovers" columns=${['Resource', 'In AWS', 'Why']}
        rows=${found.leftovers.map((one) => ({key: one.physicalId, cells: [html`${one.resource} <span class="quiet">${one.type}</span>`, html`<code>${one.physicalId}</code>`, one.reason]}))} /><//>` : null}
      ${found.progress?.recent?.length ? html`<details><summary>Events of the stack</summary><${Table} label="Events" columns=${['When', 'Resource', 'Status', 'Why']}
        rows=${found.progress.recent.map((event) => ({cells: [html`<${Time} at=${event.at} />`, event.logicalId, words(event.status), event.reason]}))} /></details>` : null}`}<//>`;
}
