//! `medallion web`: here only that it starts, guards its door and ends; the browser test has the rest.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use medallion_tests::Project;

#[test]
fn it_serves_on_loopback_behind_a_token() {
    let project = Project::people();
    let mut child =
        project.command(&["web", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains("http://")).unwrap_or_default();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).map(str::to_owned);
    let answer = address.as_deref().map(|address| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST /api/validate HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    child.kill().unwrap();
    let _status = child.wait().unwrap();
    let answer = answer.unwrap_or_else(|| panic!("the first line has the address: {line:?}"));
    assert!(line.contains("http://127.0.0.1:") && answer.starts_with("HTTP/1.1 40"), "{line:?} {answer}");
}
