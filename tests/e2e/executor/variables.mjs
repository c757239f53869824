// The environment variables of a step.
import { githubContext } from "./contexts.mjs";

export function stepVariables(work, env) {
  const { job, folders } = work;
  const { repository } = job;
  const paths = [
    ...(work.shim === null ? [] : [work.shim.folder]),
    ...work.paths,
    job.attempt.urls.toolFolder,
  ];
  return {
    HOME: folders.home,
    LANG: "C.UTF-8",
    PATH: [...paths, process.env.PATH].join(":"),
    GIT_CONFIG_NOSYSTEM: "1",
    ...repository.stepEnvironment,
    ...env,
    ...githubVariables(work),
  };
}

function githubVariables(work) {
  const { job, folders } = work;
  const github = githubContext(job.attempt);
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: github.actor,
    GITHUB_TRIGGERING_ACTOR: github.triggering_actor,
    GITHUB_API_URL: github.api_url,
    GITHUB_GRAPHQL_URL: github.graphql_url,
    GITHUB_SERVER_URL: github.server_url,
    GITHUB_BASE_REF: github.base_ref,
    GITHUB_HEAD_REF: github.head_ref,
    GITHUB_REF: github.ref,
    GITHUB_REF_NAME: github.ref_name,
    GITHUB_REF_TYPE: github.ref_type,
    GITHUB_REF_PROTECTED: "false",
    GITHUB_SHA: github.sha,
    GITHUB_EVENT_NAME: github.event_name,
    GITHUB_EVENT_PATH: work.eventPath,
    GITHUB_JOB: job.definition.id,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_REPOSITORY_OWNER: github.repository_owner,
    GITHUB_RUN_ID: github.run_id,
    GITHUB_RUN_NUMBER: github.run_number,
    GITHUB_RUN_ATTEMPT: github.run_attempt,
    GITHUB_WORKFLOW: github.workflow,
    GITHUB_WORKFLOW_REF: github.workflow_ref,
    GITHUB_WORKFLOW_SHA: github.workflow_sha,
    GITHUB_WORKSPACE: folders.workspace,
    RUNNER_ARCH: "X64",
    RUNNER_NAME: "executor",
    RUNNER_OS: "Linux",
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: `${folders.root}/tools`,
  };
}
