//! Templates that would take forever, or all memory, in an engine without limits. Each ends with an error that says why.

use tollgate_vtl::{Limits, Overrides, TEMPLATE_BYTES_MAX, Template};

use crate::world::World;

/// A tenth of API Gateway's, so that the tests take a tenth of the time.
const LIMITS: Limits = Limits {
    output_bytes_max: 1024 * 1024,
    made_bytes_max: 16 * 1024 * 1024,
    steps_max: 100_000,
    ..Limits::AWS
};

fn fails(template: &str, body: &str, reason: &str) {
    let world = World {
        body: body.to_owned(),
        ..World::default()
    };
    let rendered = Template::parse(template)
        .and_then(|template| template.render(&world, &mut Overrides::default(), &LIMITS));
    let shown: String = template.chars().take(120).collect();
    match rendered {
        Ok(text) => panic!("{shown} renders {} bytes", text.len()),
        Err(error) => assert!(error.reason().contains(reason), "{shown}: {error}"),
    }
}

#[test]
fn loops_end() {
    let loops = "#foreach($a in [1..1000])".repeat(4);
    let ends = "#end".repeat(4);
    fails(&format!("{loops}x{ends}"), "", "steps");
    fails(&format!("{loops}$a.b.c{ends}"), "", "steps");
    fails(&format!("{loops}#if(1 > 2)#end{ends}"), "", "steps");
    fails(
        "#set($l = [])#foreach($a in [1..1000])#foreach($b in [1..1000])#set($d = $l.add([1..1000]))#end#end",
        "",
        "bytes",
    );
}

#[test]
fn output_and_texts_end() {
    let doubling = "#set($s = '0123456789')#foreach($i in [1..100])#set($s = \"$s$s\")#end$s";
    fails(doubling, "", "text of more than");
    fails(
        "#set($s = 'x')#foreach($i in [1..100])#set($s = $s + $s)#end",
        "",
        "text of more than",
    );
    fails(
        "#set($s = 'x')#foreach($i in [1..100])#set($s = $s.concat($s))#end",
        "",
        "text of more than",
    );
    fails(
        "#set($s = 'aaaaaaaaaa')#foreach($i in [1..100])#set($s = $s.replace('a', 'aaaaaaaaaa'))#end",
        "",
        "text of more than",
    );
    fails(
        "#set($s = 'aaaaaaaaaa')#foreach($i in [1..100])#set($s = $s.replaceAll('a', 'aaaaaaaaaa'))#end",
        "",
        "longer than",
    );
    fails(
        "#set($s = 'x')$s.repeat(2000000000)",
        "",
        "text of more than",
    );
    fails("#set($s = '')$s.format('%999999999d', 1)", "", "pads to");
    fails(
        "#foreach($i in [1..1000])#foreach($j in [1..100])$input.body#end#end",
        &"x".repeat(10_000),
        "bytes",
    );
    let long = format!(
        "#foreach($i in [1..1000])#foreach($j in [1..1000]){}#end#end",
        "x".repeat(1000)
    );
    fails(&long, "", "text of more than");
}

#[test]
fn work_on_long_lists_ends() {
    fails(
        "#set($l = [1..200000])#foreach($i in [1..1000])#foreach($j in [1..1000])#set($d = $l.remove(0))#end#end",
        "",
        "steps",
    );
    fails(
        "#set($l = [1..20000])#foreach($i in [1..1000])#foreach($j in [1..1000])#if($l.contains(-1))#end#end#end",
        "",
        "steps",
    );
    fails(
        "#set($l = [1..9999])#set($k = [10000..19999])$l.removeAll($k)",
        "",
        "steps",
    );
}

#[test]
fn memory_ends() {
    fails("#set($x = [1..2000000000])", "", "bytes");
    fails(
        "#set($l = [])#foreach($i in [1..1000])#foreach($j in [1..1000])#set($d = $l.add($l.toString()))#end#end",
        "",
        "",
    );
    fails(
        "#set($l = [1])#foreach($i in [1..100])#set($d = $l.addAll($l))#end",
        "",
        "more than",
    );
    fails(
        "#foreach($i in [1..1000])#set($x = $util.parseJson($input.body))#end",
        &format!("[{}1]", "1,".repeat(1_000_000)),
        "",
    );
    fails(
        "#foreach($i in [1..1000])#set($x = $input.body.split(''))#end",
        &"x".repeat(100_000),
        "",
    );
}

#[test]
fn values_that_hold_themselves_end() {
    fails(
        "#set($a = {})#set($b = {'a': $a})#set($a.b = $b)$a",
        "",
        "deeper",
    );
    fails(
        "#set($a = [])#set($b = [$a])#set($d = $a.add($b))$a",
        "",
        "deeper",
    );
    fails(
        "#set($a = {})#set($a.a = {'b': $a})$a.hashCode()",
        "",
        "deep",
    );
    fails(
        "#set($a = {})#set($b = {})#set($a.x = [$a])#set($b.x = [$b])#if($a == $b)#end",
        "",
        "deep",
    );
    // A tree that shares its branches prints twice as much with each level.
    fails(
        "#set($l = ['x'])#foreach($i in [1..60])#set($l = [$l, $l])#end$l",
        "",
        "text of more than",
    );
    fails(
        "#set($l = ['x'])#set($m = ['x'])#foreach($i in [1..60])#set($l = [$l, $l])#set($m = [$m, $m])#end#if($l == $m)#end",
        "",
        "steps",
    );
}

#[test]
fn nesting_ends() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(5_000), close.repeat(5_000))
    };
    fails(&nested("#if(true)", "x", "#end"), "", "nested deeper");
    fails(
        &format!("#set($x = {})", nested("(", "1", ")")),
        "",
        "nested deeper",
    );
    fails(
        &format!("#set($x = {})", nested("[", "1", "]")),
        "",
        "nested deeper",
    );
    fails(
        &format!("#set($x = {})", nested("{'a':", "1", "}")),
        "",
        "nested deeper",
    );
    fails(
        &format!("#set($x = {}true)", "!".repeat(5_000)),
        "",
        "nested deeper",
    );
    fails(
        &format!("#set($x = 1{})", " + 1".repeat(5_000)),
        "",
        "operators",
    );
    fails(&nested("$a.b(", "1", ")"), "", "nested deeper");
    fails(&nested("$a[", "1", "]"), "", "nested deeper");
    fails(
        "#define($a)$b#end#define($b)#foreach($i in [1..1000])$a$a#end#end#foreach($i in [1..1000])$a#end",
        "",
        "steps",
    );
}

#[test]
fn blocks_that_call_each_other_end() {
    let chain: String = (0..100)
        .map(|index| format!("#define($b{index})$b{}$b{}#end", index + 1, index + 1))
        .collect();
    fails(&format!("{chain}$b0"), "", "deeper");
    let short: String = (0..40)
        .map(|index| format!("#define($b{index})$b{}$b{}#end", index + 1, index + 1))
        .collect();
    fails(&format!("{short}$b0"), "", "steps");
}

#[test]
fn patterns_and_paths_end() {
    fails(
        "#foreach($i in [1..1000])#set($x = $input.json('$..[?(@..a)]'))#end",
        &"[".repeat(400)
            .chars()
            .chain("]".repeat(400).chars())
            .collect::<String>(),
        "steps",
    );
    let pets = format!("[{}{{}}]", "{\"a\":{\"b\":1}},".repeat(3_000));
    fails(
        "#foreach($i in [1..1000])#set($x = $input.path('$..*'))#end",
        &pets,
        "",
    );
    fails(
        "#foreach($i in [1..1000])#set($x = $input.body.matches(\"(a+)+b$i\"))#end",
        &"a".repeat(10_000),
        "",
    );
}

#[test]
fn long_templates_are_refused_and_long_runs_are_read_quickly() {
    fails(&"x".repeat(TEMPLATE_BYTES_MAX + 1), "", "bytes");
    for piece in [
        "\\", "$", "#", "$!", "#$", "\\$", "\"", "## ", "#*", "{", "(", "$a.", "$a[0]", "${",
        "#[[", " ", "\n", "#set(", "$a.b(", "\\#", "$x\\",
    ] {
        let template = piece.repeat(60_000 / piece.len());
        if let Ok(template) = Template::parse(&template) {
            let _ = template.render(&World::default(), &mut Overrides::default(), &LIMITS);
        }
    }
}

#[test]
fn classes_are_out_of_reach() {
    let template = "#set($s = '')[$s.class.forName('java.lang.Runtime')$s.getClass().getClassLoader()$s.class.name.class.methods$input.class.protectionDomain]$s.class.name";
    let rendered = Template::parse(template).unwrap().render(
        &World::default(),
        &mut Overrides::default(),
        &LIMITS,
    );
    assert_eq!(rendered.as_deref(), Ok("[]java.lang.String"));
}
