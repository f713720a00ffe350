/** Who may deploy to an environment, and what its firewall has kept out. */
import {getAll, useDocument} from './api.js';
import {Action, Facts, Loaded, Table, Time, html} from './elements.js';
import {number, words} from './format.js';

/** Pipelines by their grants. What people may do is IAM's, and is seen at each button. */
export function Grants({path}) {
  const grants = useDocument(`${path}/grants`, 30, getAll);
  return html`<${Loaded} of=${grants}>${({items}) => html`
    <p class="quiet">A pipeline deploys here only with a grant. What people may do, IAM says: what it refuses to you is disabled.</p>
    <${Table} label="Grants" columns=${['Pipeline', 'Granted by', 'Since', 'To do']} empty="No pipeline may deploy here." rows=${items.map((grant) => ({key: grant.pipeline, cells: [
      html`<a href="#/pipelines/${grant.pipeline}">${grant.pipeline}</a>`, grant.grantedBy, html`<${Time} at=${grant.grantedAt} />`,
      html`<${Action} label="Revoke" method="DELETE" danger path=${grant.self} done=${grants.refresh}
        question="The pipeline ${grant.pipeline} may not deploy here any more. What is under way goes on." />`]}))} />
    <div class="buttons"><${Action} label="Grant" method="PUT" path=${({pipeline}) => `${path}/grants/${encodeURIComponent(pipeline)}`} done=${grants.refresh}
      question="Lets a pipeline deploy to this environment, also one that is yet to be made." fields=${[{name: 'pipeline', label: 'Pipeline', required: true}]} /></div>`}<//>`;
}

/** Read once, as CloudWatch charges for it. */
export function Firewall({path}) {
  const report = useDocument(`${path}/firewall`);
  return html`<${Loaded} of=${report}>${(found) => html`
    <p class="quiet">From <${Time} at=${found.from} /> to <${Time} at=${found.to} />.</p>
    <${Facts} of=${Object.entries(found.rules)} />
    <${Table} label="Matches" columns=${['Rule', 'Did', 'Path', 'Requests', 'The newest']} empty="No rule has matched a request."
      rows=${found.matches.map((match) => ({key: `${match.rule}${match.managedRule}${match.action}${match.path}`, cells: [
        `${match.rule}${match.managedRule ? `: ${match.managedRule}` : ''}`, words(match.action), html`<code>${match.path}</code>`, number(match.requests),
        html`<${Time} at=${match.newest.at} /> ${match.newest.method} from ${match.newest.address} (${match.newest.country})`]}))} />
    ${found.cut ? html`<p>There are more.</p>` : null}`}<//>`;
}
