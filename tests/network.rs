//! Nothing that the program does opens a connection or looks up a name: every system call of
//! its processes is watched while it answers, classifies, inspects and shows its window.
//!
//! Needs strace, and Xvfb for the window; says so where they are missing. What the source may
//! not even name is in tests/tidy.rs.

use crate::cli::world::World;
use std::net::{TcpStream, ToSocketAddrs};
use std::process::{Command, Stdio};

/// Tells the test binary, started anew, to do what the program must not.
const REACH_OUT: &str = "ASKEM_TEST_REACH_OUT";

/// Whether a program is there.
fn has(program: &str) -> bool {
    let asked = Command::new(program)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let is_there = asked.is_ok();
    if !is_there {
        println!("skipped: {program} is not installed");
    }
    is_there
}

/// Whether processes may be watched here: not every container allows it.
fn can_watch() -> bool {
    if !has("strace") {
        return false;
    }
    let tried = Command::new("strace")
        .args(["-qq", "true"])
        .output()
        .unwrap();
    if !tried.status.success() {
        println!("skipped: strace may not watch processes here");
    }
    tried.status.success()
}

/// What a command and all its children asked of the network and which files they opened.
fn watched(world: &World, before: &[&str], command: &[&str], envs: &[(&str, &str)]) -> String {
    let trace = world.path("trace");
    let arguments = [
        before,
        &[
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=network,open,openat",
            "-o",
            trace.to_str().unwrap(),
        ],
        command,
    ]
    .concat();
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).envs(envs.iter().copied());
    world.confine(&mut command);
    let output = command.output().unwrap();
    let text = std::fs::read_to_string(&trace).unwrap_or_default();
    assert!(!text.is_empty(), "nothing was watched: {output:?}");
    text
}

/// The lines that speak of the internet, or of looking up a name in it.
fn reaching_out(trace: &str) -> Vec<&str> {
    const SIGNS: [&str; 6] = [
        "AF_INET",
        "sin_port",
        "sin6_port",
        "/etc/resolv.conf",
        "/etc/hosts",
        "libnss_dns",
    ];
    let speaks = |line: &&str| SIGNS.iter().any(|sign| line.contains(sign));
    trace.lines().filter(speaks).collect()
}

/// Not a test: what the watcher has to notice.
#[test]
#[ignore = "started by a_connection_and_a_name_would_be_noticed"]
fn reach_out() {
    if std::env::var_os(REACH_OUT).is_some() {
        // Nobody listens there; asking is enough.
        let _ = TcpStream::connect("127.0.0.1:9");
        let _ = ("localhost", 9).to_socket_addrs();
    }
}

#[test]
fn a_connection_and_a_name_would_be_noticed() {
    if !can_watch() {
        return;
    }
    let world = World::new();
    let itself = std::env::current_exe().unwrap();
    let command = [
        itself.to_str().unwrap(),
        "network::reach_out",
        "--exact",
        "--ignored",
    ];
    let quiet = watched(&world, &[], &command, &[]);
    assert_eq!(reaching_out(&quiet), [""; 0]);
    let trace = watched(&world, &[], &command, &[(REACH_OUT, "1")]);
    let noticed = reaching_out(&trace);
    let is_noticed = |sign: &str| noticed.iter().any(|line| line.contains(sign));
    assert!(
        is_noticed("AF_INET") && is_noticed("/etc/hosts"),
        "{noticed:?}"
    );
}

#[test]
fn the_command_line_opens_no_connection_and_looks_up_no_name() {
    if !can_watch() {
        return;
    }
    let world = World::new();
    let image = world.micrograph("a.png");
    let askem = env!("CARGO_BIN_EXE_askem");
    for arguments in [
        &["inspect", image][..],
        &["classify", image],
        &["ask", image, "--about", "size.range"],
        &[
            "ask",
            image,
            "-q",
            "which temperature is it in http://example.com?",
        ],
        &["simulate", "--out", "made", "--count", "1"],
    ] {
        let trace = watched(&world, &[], &[&[askem], arguments].concat(), &[]);
        assert_eq!(reaching_out(&trace), [""; 0], "{arguments:?}");
        let opened = arguments[0] == "simulate" || trace.contains("a.png");
        assert!(opened, "{arguments:?} did nothing");
    }
}

#[cfg(feature = "window")]
#[test]
fn the_window_opens_no_connection_and_looks_up_no_name() {
    if !can_watch() || !has("xvfb-run") {
        return;
    }
    let world = World::new();
    let image = world.micrograph("a.png");
    let screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24"];
    // Time enough for the first frames, the model and the category.
    let command = ["timeout", "8", env!("CARGO_BIN_EXE_askem"), image];
    let trace = watched(&world, &screen, &command, &[("LIBGL_ALWAYS_SOFTWARE", "1")]);
    assert_eq!(reaching_out(&trace), [""; 0]);
    assert!(
        trace.contains(".X11-unix") && trace.contains("a.png"),
        "no window came up"
    );
}
