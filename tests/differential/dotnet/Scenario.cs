// Files of scenarios. The C player checks them; this one trusts what it has checked.
using System;
using System.Collections.Generic;
using System.IO;

namespace Differential;

enum Form { Plain, Async, AsyncCancelled, Thread }

[Flags]
enum Style { Blocking = 1, Task = 2, EventArgs = 4, Asynchronous = Task | EventArgs }

sealed record Step(string Path, int Line, string Text, Form Form, string Label, string Verb, List<Word> Words)
{
    public Word this[int index] => index < Words.Count ? Words[index] : throw new Broken(this, "an argument is missing");

    public int Count => Words.Count;

    /// The value of an argument "name=value", or null.
    public string Named(string name)
    {
        foreach (Word word in Words)
        {
            if (!word.Quoted && word.Text.StartsWith(name + "=", StringComparison.Ordinal))
                return word.Text[(name.Length + 1)..];
        }
        return null;
    }
}

/// The scenario itself is wrong.
sealed class Broken(Step step, string what) : Exception($"{step.Path}:{step.Line}: {what}");

sealed class Scenario
{
    public string Name;
    public Style Styles = Style.Blocking | Style.Asynchronous;
    public string Needs;
    public List<Step> Steps = [];

    /// SocketAsyncEventArgs cannot be cancelled.
    public bool IsFor(Style style) =>
        (Styles & style) != 0 &&
        (style != Style.EventArgs || !Steps.Exists(step => step.Form == Form.AsyncCancelled || step.Verb == "cancel"));

    /// Which arguments of a step are names that it gives.
    public static bool Names(Step step, int index) => step.Verb switch
    {
        "accept" or "try-accept" or "listener-accept" or "listener-accept-client" => index == 1,
        "pair" or "adopt-pipe" => index < 2,
        "create" or "create-dual" or "connect-new" or "connect-new-racing" or "adopt" or "adopt-copy" or "adopt-number" or "adopt-kernel" => index == 0,
        "tcp-client" or "tcp-client-bound" or "tcp-client-connected" or "tcp-socket" or "tcp-stream" => index == 0,
        "listener" or "listener-dual" or "listener-socket" or "stream" or "stream-socket" => index == 0,
        "udp-client" or "udp-client-bound" or "udp-client-on-port" or "udp-client-connected" or "udp-socket" => index == 0,
        _ => false,
    };

    public bool Names(string name)
    {
        foreach (Step step in Steps)
        {
            for (int i = 0; i < step.Count; i++)
            {
                if (Names(step, i) && step[i].Text == name) return true;
            }
        }
        return false;
    }

    public static List<Scenario> ReadFile(string path)
    {
        var list = new List<Scenario>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            List<Word> words = Word.Read(line);
            if (words.Count == 0) continue;
            if (words[0].Is("scenario")) list.Add(Begin(words));
            else list[^1].Steps.Add(ReadStep(path, number, line.Trim(), words));
        }
        return list;
    }

    static Scenario Begin(List<Word> words)
    {
        var made = new Scenario { Name = words[1].Text };
        foreach (Word mark in words[2..])
        {
            if (mark.Is("only=blocking")) made.Styles = Style.Blocking;
            if (mark.Is("only=async")) made.Styles = Style.Asynchronous;
            if (mark.Text.StartsWith("needs=", StringComparison.Ordinal)) made.Needs = mark.Text[6..];
        }
        return made;
    }

    static Step ReadStep(string path, int line, string text, List<Word> words)
    {
        Form form = words[0].Text switch
        {
            "async" => Form.Async,
            "async-cancelled" => Form.AsyncCancelled,
            "in" => Form.Thread,
            _ => Form.Plain,
        };
        int used = form == Form.Plain ? 0 : form == Form.Thread ? 3 : 2;
        string label = used > 0 ? words[used - 1].Text.TrimEnd(':') : null;
        return new Step(path, line, text, form, label, words[used].Text, words[(used + 1)..]);
    }
}
