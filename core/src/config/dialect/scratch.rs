#[test]
fn scratch() {
    let mut bad = 0;
    for entry in walk("/work/shared/fixtures".into()) {
        let text = std::fs::read_to_string(&entry).unwrap();
        let name = entry.strip_prefix("/work/shared/fixtures").unwrap().display().to_string();
        match super::migrate::migrate(&text, false) {
            Ok(done) => {
                std::fs::write(format!("/tmp/mig/{}", name.replace('/', "__")), &done.text).unwrap();
                let again = super::migrate::migrate(&done.text, false);
                match again {
                    Ok(a) => {
                        if a.text != done.text {
                            println!("NOT IDEMPOTENT {name}");
                            bad += 1
                        }
                    }
                    Err(e) => {
                        println!("AGAIN {name} {e:?}");
                        bad += 1
                    }
                }
            }
            Err(e) => {
                println!("{name}: {:?}", e.iter().map(|e| format!("{} {}", e.code, e.message)).collect::<Vec<_>>());
            }
        }
    }
    assert_eq!(bad, 0);
}
fn walk(p: std::path::PathBuf) -> Vec<std::path::PathBuf> {
    let mut v = vec![];
    for e in std::fs::read_dir(p).unwrap() {
        let e = e.unwrap().path();
        if e.is_dir() {
            v.extend(walk(e))
        } else if e.extension().is_some_and(|x| x == "yaml") {
            v.push(e)
        }
    }
    v.sort();
    v
}
