/** Pipelines: from push to production. */
import {getAll, useDocument} from './api.js';
import {New} from './beginning.js';
import {Drift} from './drift.js';
import {Facts, Loaded, Section, State, Table, Time, Title, html, readable, waiting} from './elements.js';
import {duration, link, words} from './format.js';
import {Ledger, Operations, Plans} from './histories.js';
import {Missing} from './missing.js';
import {Tabs} from './tabs.js';

export function Pipelines() {
  const pipelines = useDocument('/v1/pipelines?limit=100', 30, getAll);
  return html`
    <${Title}>Pipelines<//>
    <${Loaded} of=${pipelines}>${(list) => html`
      <${Table} label="Pipelines" columns=${['Pipeline', 'Deploys to', 'Changed']} empty="No pipeline yet."
        rows=${list.items.map((pipeline) => ({key: pipeline.self, cells: [
          html`<a href=${link(pipeline.self)}>${pipeline.name}</a>`, pipeline.environments.join(' → '), html`<${Time} at=${pipeline.updatedAt} />`]}))} />`}<//>
    <${New} what="pipeline" path="/v1/pipelines" />`;
}

export function Pipeline({path, tab}) {
  const pipeline = useDocument(path, 10);
  const tabs = [
    ['executions', 'Executions', () => html`<${Loaded} of=${pipeline}>${({executions}) => html`<${Executions} of=${executions ?? []} />`}<//>`],
    ['plans', 'Plans', () => html`<${Plans} path=${path} />`],
    ['operations', 'Operations', () => html`<${Operations} path=${path} />`],
    ['ledger', 'Ledger', () => html`<${Ledger} path=${path} />`],
    ['drift', 'Drift', () => html`<${Drift} path=${path} />`],
  ];
  if (pipeline.error?.missing) {
    return html`<${Missing} path=${path} why=${pipeline.error.problem.detail} />`;
  }
  return html`
    <${Title}>Pipeline ${path.split('/').at(-1)}<//>
    <${Loaded} of=${pipeline}>${(found) => html`
      <${Facts} of=${[
        ['Its stack', found.state ? html`<${State} of=${found.state} /> ${found.state === 'FAILED' ? readable(found.last?.failure?.detail) : null}` : null],
        ['Under way', found.operation ? html`<a href=${link(found.operation.self)}>${words(found.operation.type)}, in phase ${found.operation.phase}</a>` : null],
        ['Connection to the repository', found.connection ? html`${words(found.connection.status)} ${found.connection.approve
          ? html`<a href=${found.connection.approve} rel="noreferrer">Sign in at the provider, once</a>` : null}` : null],
      ]} />
      ${found.executions?.[0] ? html`<${Execution} of=${found.executions[0]} deployments=${found.deployments ?? []} declared=${found.declared?.deploy ?? []} />` : html`<p>Nothing was pushed yet.</p>`}
      ${found.pushes?.length ? html`<${Section} title="Images that others have built"><${Table} label="Images" columns=${['Image', 'For', 'Pushed', 'Rollout']}
        rows=${found.pushes.map((push) => ({key: push.environment, cells: [html`<code title=${push.digest}>${push.tag}</code>`, push.environment,
          html`<${Time} at=${push.pushedAt} />`, push.rollout ? html`<a href=${link(push.rollout)}>its page</a>` : readable(push.problem)]}))} /><//>` : null}`}<//>
    <${Tabs} tabs=${tabs} selected=${tab} />`;
}

/** The newest execution: the commit, each stage, and the rollout of each deploy stage. */
function Execution({of, deployments, declared}) {
  const later = of.state === 'STARTED' ? declared.filter(({environment}) => !of.stages?.some(({name}) => name === `Deploy-${environment}`)) : [];
  return html`
    <${Section} title="From push to production">
      <p><${State} of=${of.state ?? 'RUNNING'} /> ${of.commit ? html`<code>${of.commit.slice(0, 12)}</code>` : null} ${of.message ?? ''} ${of.author ? `by ${of.author}` : ''}
        <span class="quiet"> ${of.startedAt ? html`<${Time} at=${of.startedAt} />` : null}${of.seconds !== undefined ? `, ${duration(of.seconds)}` : ''}</span></p>
      <ol class="pipeline">${stages(of.stages ?? []).map(({stage, actions}) => {
        const deployment = deployments.find((one) => stage.name === `Deploy-${one.environment}` && one.execution === of.id);
        return html`
          <li key=${stage.name}>
            <p><strong>${stage.name}</strong></p>
            <${Step} of=${stage} />
            ${actions.length > 1 ? html`<ul>${actions.map((action) => html`<li><${Step} of=${action} name=${action.name.split('/')[1]} /></li>`)}</ul>`
              : actions.map((action) => html`<${Step} of=${{summary: action.summary, log: action.log}} />`)}
            ${deployment?.rollout ? html`<p><a href=${link(deployment.rollout)}>Rollout at ${deployment.environment}</a></p>` : null}
            ${deployment?.waitsFor ? html`<p class="waits">${waiting(deployment.waitsFor)}</p>` : null}
          </li>`;
      })}${later.map(({environment}) => html`<li key=${environment}><p><strong>Deploy-${environment}</strong></p><p class="quiet">not yet</p></li>`)}</ol>
    <//>`;
}

/** Stages with the actions in them, which follow them in the listing as Stage/Action. */
function stages(all) {
  return all.filter((one) => !one.name.includes('/'))
    .map((stage) => ({stage, actions: all.filter((one) => one.name.startsWith(`${stage.name}/`))}));
}

function Step({of, name}) {
  return html`
    ${of.state ? html`<p>${name ? `${name}: ` : ''}<${State} of=${of.state} />${of.seconds !== undefined ? ` ${duration(of.seconds)}` : ''}</p>` : null}
    ${of.summary ? html`<p>${readable(of.summary)}</p>` : null}
    ${of.log?.length ? html`<details><summary>Last lines</summary><pre tabindex="0">${of.log.join('\n')}</pre></details>` : null}`;
}

function Executions({of}) {
  return html`<${Table} label="Executions" columns=${['Begun', 'State', 'Commit', 'Message', 'Author', 'Took', 'Now']} empty="None yet."
    rows=${of.map((one) => ({key: one.id, cells: [html`<${Time} at=${one.startedAt} />`, one.state ? html`<${State} of=${one.state} />` : null,
      one.commit ? html`<code>${one.commit.slice(0, 12)}</code>` : null, one.message, one.author, one.seconds !== undefined ? duration(one.seconds) : null, one.current]}))} />`;
}
