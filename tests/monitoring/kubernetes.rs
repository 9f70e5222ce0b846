//! The manifest: nothing here runs Kubernetes, but what has to fit together does.

use std::time::Duration;

use axum::http::{Request, StatusCode};
use yaml_rust2::Yaml;

#[test]
fn probes_and_scrapes_go_to_pages_that_there_are_on_the_port_that_is_not_public() {
    let [deployment, service] = &crate::yaml("kubernetes.yml")[..] else {
        panic!("not two documents");
    };
    let template = &deployment["spec"]["template"];
    let container = &template["spec"]["containers"][0];
    let ports = container["ports"].as_vec().unwrap();
    let port = |name| {
        let mut ports = ports.iter();
        let port = ports.find(|port| port["name"].as_str() == Some(name));
        port.unwrap()["containerPort"].as_i64().unwrap()
    };
    assert_ne!(port("admin"), port("public"));

    let annotations = &template["metadata"]["annotations"];
    let annotation = |name: &str| {
        let name = format!("prometheus.io/{name}");
        annotations[name.as_str()].as_str().unwrap()
    };
    assert_eq!(annotation("scrape"), "true");
    assert_eq!(annotation("port"), port("admin").to_string());
    assert_answers(annotation("path"));
    for (probe, path) in [("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
        let get = &container[probe]["httpGet"];
        assert_eq!(get["port"].as_str(), Some("admin"), "{probe}");
        assert_eq!(get["path"].as_str(), Some(path), "{probe}");
        assert_answers(path);
    }

    let exposed = service["spec"]["ports"].as_vec().unwrap();
    let exposed: Vec<_> = exposed
        .iter()
        .map(|port| port["targetPort"].as_str())
        .collect();
    assert_eq!(exposed, [Some("public")]);
    let labels = &template["metadata"]["labels"];
    assert_eq!(&service["spec"]["selector"], labels);
    assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
}

#[test]
fn the_supervisor_has_its_grace_period_before_the_pod_is_killed() {
    let documents = crate::yaml("kubernetes.yml");
    let pod = &documents[0]["spec"]["template"]["spec"];
    let seconds = |yaml: &Yaml| Duration::from_secs(yaml.as_i64().unwrap().try_into().unwrap());
    let grace_period = seconds(&pod["terminationGracePeriodSeconds"]);
    let pre_stop = &pod["containers"][0]["lifecycle"]["preStop"];
    // The default of `Supervisor::grace_period`.
    let supervisors = Duration::from_secs(10);
    assert!(grace_period > seconds(&pre_stop["sleep"]["seconds"]) + supervisors);
}

fn assert_answers(path: &str) {
    let request = Request::get(path).body(()).unwrap();
    let status = supervise::http::respond(&request).status();
    assert_ne!(status, StatusCode::NOT_FOUND, "{path}");
}
