/** A plan: what applying a spec would change, and what that means. */
import {useDocument} from './api.js';
import {Action, Causes, Change, ErrorBox, Facts, Loaded, Section, State, Table, Time, Title, follow, html, readable} from './elements.js';
import {dollars, link, outcome, words} from './format.js';
import {Missing} from './missing.js';
import {startWith} from './planning.js';

const LATER = 'nothing, or known only then';
const SIGNS = {ADD: '+', IMPORT: '+', MODIFY: '~', REMOVE: '−'};

const WATCHED_SECONDS = 3;
const planSeconds = (plan) => (plan && plan.state !== 'COMPUTING' ? 0 : WATCHED_SECONDS);
/** Services that follow later do so, and are told here, after it has ended. */
const LATER_SECONDS = 30;
const operationSeconds = (operation) => {
  if (!operation?.endedAt) {
    return WATCHED_SECONDS;
  }
  return operation.services?.some((service) => ['LATER', 'FROZEN', 'APPLYING'].includes(service.state)) ? LATER_SECONDS : 0;
};

export function Plan({path}) {
  const plan = useDocument(path, planSeconds);
  const target = path.replace(/\/plans\/.*/, '');
  if (plan.error?.missing) {
    return html`<${Missing} path=${path} why=${plan.error.problem.detail} />`;
  }
  return html`
    <${Title}>Plan for ${target.split('/').slice(3).filter((_, index) => index % 2 === 0).join('/')}<//>
    <${Loaded} of=${plan}>${(found) => html`
      <p class="standing"><${State} of=${found.state} /> <span class="quiet">by ${found.createdBy}, <${Time} at=${found.createdAt} /></span></p>
      <${ErrorBox} error=${found.failure ? {problem: found.failure} : null} />
      ${found.state === 'COMPUTING' ? html`<p role="status">AWS compares the spec with what there is; this takes some seconds.</p>` : null}
      ${found.state === 'READY' ? html`<${Ready} of=${found} />` : null}
      ${found.state === 'COMPUTING' ? null : html`<p><a class="button" href="${link(target)}/plans" onClick=${() => startWith(target, found)}>Change the spec and plan again …</a></p>`}`}<//>`;
}

function Ready({of}) {
  const blocking = of.risks.filter((risk) => risk.blocking);
  const nothing = !of.changes.length && !Object.keys(of.release ?? {}).length && !Object.keys(of.settings ?? {}).length;
  return html`
    ${of.risks.length ? html`<${Section} title="Risks"><ul class="risks">${of.risks.map((risk) => html`
      <li><${State} of=${risk.blocking ? 'FAILED' : 'DEGRADED'}>${risk.blocking ? 'refused unless allowed' : 'risk'}<//> <code>${risk.logicalId}</code> ${readable(risk.message)}</li>`)}</ul><//>` : null}
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
    <div class="buttons"><${Action} label="Apply" path=${of.apply} danger=${blocking.length > 0} done=${follow}
      question=${blocking.length ? 'Runs the plan, if it would still do the same, once each of these is allowed.' : 'Runs the plan, if it would still do the same.'}
      fields=${blocking.map((risk) => ({name: 'allow', value: risk.logicalId, required: true, label: html`Allow <code>${risk.logicalId}</code>: ${readable(risk.message)}`}))}
      body=${(_, said) => (blocking.length ? {allow: said.getAll('allow')} : undefined)} /></div>
    <details><summary>The spec, with every default</summary><pre tabindex="0" aria-label="Spec">${JSON.stringify(of.spec, null, 2)}</pre></details>`;
}

function Settings({of}) {
  return html`<ul class="diff">${Object.entries(of).map(([name, change]) => html`
    <li class="modify"><code>${name}</code>: <${Change} ...${change} missing=${LATER} /></li>`)}</ul>`;
}

export function Operation({path}) {
  const operation = useDocument(path, operationSeconds);
  if (operation.error?.missing) {
    return html`<${Missing} path=${path} why=${operation.error.problem.detail} />`;
  }
  return html`
    <${Title}>${operation.value ? `Operation: ${words(operation.value.type)} of ${operation.value.target}` : 'Operation'}<//>
    <${Loaded} of=${operation}>${(found) => html`
      <p class="standing" aria-live="polite"><${State} of=${outcome(found)} /> ${words(found.type)} of ${found.target}, in phase ${found.phase}</p>
      ${found.waitsFor ? html`<p>Waits for: ${readable(found.waitsFor)}</p>` : null}
      <${Facts} of=${[
        ['Begun', html`<${Time} at=${found.acceptedAt} /> by ${found.actor}`],
        ['Ended', found.endedAt ? html`<${Time} at=${found.endedAt} />` : null],
        ['Resources', found.progress?.total ? `${found.progress.done ?? 0} of ${found.progress.total}` : null],
        ['Rollout', found.rollout ? html`<a href=${link(found.rollout)}>its page</a>` : null],
        ['Plan', found.plan ? html`<a href=${link(found.plan)}>its page</a>` : null],
      ]} />
      ${found.progress?.total ? html`<progress max=${found.progress.total} value=${found.progress.done ?? 0} aria-label="Resources of the stack"></progress>` : null}
      ${found.notes?.length ? html`<ul>${found.notes.map((note) => html`<li>${readable(note)}</li>`)}</ul>` : null}
      ${found.services?.length ? html`<${Table} label="Services that follow" columns=${['Service', 'State', 'Why']}
        rows=${found.services.map((one) => ({key: one.service, cells: [one.service, words(one.state), readable(one.finding)]}))} />` : null}
      ${found.failure ? html`<${Section} title="Why">${outcome(found) === 'CANCELLED' ? html`<p>${readable(found.failure.detail)} ${readable(found.failure.action)}</p>`
        : html`<${ErrorBox} error=${{problem: found.failure}} />`}<${Causes} diagnosis=${found.diagnosis} /><//>` : null}
      ${found.leftovers?.length ? html`<${Section} title="What could not be deleted"><${Table} label="Leftovers" columns=${['Resource', 'In AWS', 'Why']}
        rows=${found.leftovers.map((one) => ({key: one.physicalId, cells: [html`${one.resource} <span class="quiet">${one.type}</span>`, html`<code>${one.physicalId}</code>`, one.reason]}))} /><//>` : null}
      ${found.progress?.recent?.length ? html`<details><summary>Events of the stack</summary><${Table} label="Events" columns=${['When', 'Resource', 'Status', 'Why']}
        rows=${found.progress.recent.map((event) => ({cells: [html`<${Time} at=${event.at} />`, event.logicalId, words(event.status), event.reason]}))} /></details>` : null}`}<//>`;
}
