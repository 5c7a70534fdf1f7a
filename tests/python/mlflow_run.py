"""What MLflow's own client knows of the run NAME of EXPERIMENT on the server at URL, as JSON; its artifacts go to
FOLDER."""

import json
import sys

from mlflow.tracking import MlflowClient

url, experiment_name, name, folder = sys.argv[1:]
client = MlflowClient(url)
experiment = client.get_experiment_by_name(experiment_name)
(run,) = client.search_runs([experiment.experiment_id], f"attributes.run_name = '{name}'")
client.download_artifacts(run.info.run_id, "", folder)
history = {
    key: [[metric.step, metric.value] for metric in client.get_metric_history(run.info.run_id, key)]
    for key in run.data.metrics
}
answer = {
    "page": f"{url}/#/experiments/{experiment.experiment_id}/runs/{run.info.run_id}?workflowType=machine_learning",
    "status": run.info.status,
    "seconds": run.info.end_time and (run.info.end_time - run.info.start_time) / 1000,
    "params": run.data.params,
    "tags": run.data.tags,
    "metrics": history,
    "datasets": [[data.dataset.name, data.dataset.digest] for data in run.inputs.dataset_inputs],
}
print(json.dumps(answer))
