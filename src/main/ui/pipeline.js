/** Pipelines: from push to production. */
import {getAll, useDocument} from './api.js';
import {Facts, Loaded, Section, State, Table, Time, html} from './elements.js';
import {duration, link, words} from './format.js';
import {Ledger, Operations, Plans} from './histories.js';
import {Tabs} from './tabs.js';

export function Pipelines() {
  const pipelines = useDocument('/v1/pipelines?limit=100', 30, getAll);
  return html`
    <h1 tabindex="-1">Pipelines</h1>
    <${Loaded} of=${pipelines}>${(list) => html`
      <${Table} label="Pipelines" columns=${['Pipeline', 'Deploys to', 'Changed']} empty="No pipeline yet."
        rows=${list.items.map((pipeline) => ({key: pipeline.self, cells: [
          html`<a href=${link(pipeline.self)}>${pipeline.name}</a>`, pipeline.environments.join(' → '), html`<${Time} at=${pipeline.updatedAt} />`]}))} />`}<//>`;
}

export function Pipeline({path, tab}) {
  const pipeline = useDocument(path, 10);
  const tabs = [
    ['executions', 'Executions', () => html`<${Executions} of=${pipeline.value?.executions ?? []} />`],
    ['plans', 'Plans', () => html`<${Plans} path=${path} />`],
    ['operations', 'Operations', () => html`<${Operations} path=${path} />`],
    ['ledger', 'Ledger', () => html`<${Ledger} path=${path} />`],
  ];
  return html`
    <h1 tabindex="-1">Pipeline ${path.split('/').at(-1)}</h1>
    <${Loaded} of=${pipeline}>${(found) => html`
      <p class="standing"><${State} of=${found.state} /></p>
      <${Facts} of=${[
        ['Under way', found.operation ? html`<a href=${link(found.operation.self)}>${words(found.operation.type)}, in phase ${found.operation.phase}</a>` : null],
        ['Connection', found.connection ? `${found.connection.state ?? found.connection.status ?? ''} ${found.connection.action ?? ''}` : null],
      ]} />
      ${found.executions?.[0] ? html`<${Execution} of=${found.executions[0]} deployments=${found.deployments ?? []} />` : html`<p>Nothing was pushed yet.</p>`}`}<//>
    <${Tabs} tabs=${tabs} selected=${tab} />`;
}

/** The newest execution: the commit, each stage, and the rollout of each deploy stage. */
function Execution({of, deployments}) {
  return html`
    <${Section} title="From push to production">
      <p><${State} of=${of.state ?? 'RUNNING'} /> ${of.commit ? html`<code>${of.commit.slice(0, 12)}</code>` : null} ${of.message ?? ''} ${of.author ? `by ${of.author}` : ''}
        <span class="quiet"> ${of.startedAt ? html`<${Time} at=${of.startedAt} />` : null}${of.seconds !== undefined ? `, ${duration(of.seconds)}` : ''}</span></p>
      <ol class="pipeline">${(of.stages ?? []).map((stage) => {
        const deployed = deployments.find((one) => stage.name.toLowerCase().includes(one.environment));
        return html`
          <li>
            <p><strong>${stage.name}</strong></p>
            <p><${State} of=${stage.state ?? 'unknown'} />${stage.seconds !== undefined ? ` ${duration(stage.seconds)}` : ''}</p>
            ${stage.summary ? html`<p>${stage.summary}</p>` : null}
            ${deployed?.rollout ? html`<p><a href=${link(deployed.rollout)}>rollout at ${deployed.environment}</a></p>` : null}
            ${deployed?.waitsFor ? html`<p class="waits">${deployed.waitsFor}</p>` : null}
            ${stage.log?.length ? html`<details><summary>Last lines</summary><pre tabindex="0">${stage.log.join('\n')}</pre></details>` : null}
          </li>`;
      })}</ol>
    <//>`;
}

function Executions({of}) {
  return html`<${Table} label="Executions" columns=${['Begun', 'State', 'Commit', 'Message', 'Author', 'Took', 'Now']} empty="None yet."
    rows=${of.map((one) => ({key: one.id, cells: [html`<${Time} at=${one.startedAt} />`, one.state ? html`<${State} of=${one.state} />` : null,
      one.commit ? html`<code>${one.commit.slice(0, 12)}</code>` : null, one.message, one.author, one.seconds !== undefined ? duration(one.seconds) : null, one.current]}))} />`;
}
